/**
 * What the calls of a session have to do with each other, from what their contents say.
 * @module
 */

/** @typedef {import("../types.js").CallsDocument} CallsDocument */

export class Calls {
  /** @param {CallsDocument} document */
  constructor(document) {
    const { strings, node, digest, call_id, asked, context, prefix } = document;
    /** @type {Map<number, number>} leading messages that the call before had, too */
    this.prefix = new Map(prefix);
    /** @type {Map<number, Record<string, number>>} characters of the input by role */
    this.context = new Map(context);
    /** @type {Map<string, number>} */
    this.tools = new Map();
    /** @type {Map<number, string>} */
    this.ids = new Map();
    /** @type {Map<string, number>} */
    this.askers = new Map(asked.map(([asker, id]) => [strings[id], asker]));
    /** @type {Map<number, number[]>} */
    this.equal = new Map();
    /** @type {Map<number, number>} */
    this.digests = new Map();
    node.forEach((call, index) => {
      if (call_id[index] >= 0) {
        this.tools.set(strings[call_id[index]], call);
        this.ids.set(call, strings[call_id[index]]);
      }
      if (digest[index] < 0) return;
      this.digests.set(call, digest[index]);
      const equal = this.equal.get(digest[index]);
      if (equal) equal.push(call);
      else this.equal.set(digest[index], [call]);
    });
  }

  /**
   * Returns the tool that a call of a model became.
   * @param {string} id
   */
  toolOf(id) {
    return this.tools.get(id);
  }

  /**
   * Returns the model call that asked for a tool.
   * @param {number} node
   */
  askerOf(node) {
    const id = this.ids.get(node);
    return id === undefined ? undefined : this.askers.get(id);
  }

  /**
   * Returns all calls with the same name and input, with itself.
   * @param {number} node
   */
  sameAs(node) {
    const digest = this.digests.get(node);
    return (digest !== undefined && this.equal.get(digest)) || [];
  }
}
