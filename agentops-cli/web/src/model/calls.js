/**
 * What the calls of a session have to do with each other, from what their contents say.
 * @module
 */

/** @typedef {import("../types.js").CallsDocument} CallsDocument */

/**
 * The call before: its node, the number of leading messages that both were sent, and of all that it was sent.
 * @typedef {{ call: number, same: number, all: number }} Before
 */

export class Calls {
  /** @param {CallsDocument} document */
  constructor(document) {
    const { strings, node, digest, call_id, asked, context, prefix, added } = document;
    /** @type {Map<number, Before>} the call before of the same agent */
    this.before = new Map(prefix.map(([call, before, same, all]) => [call, { call: before, same, all }]));
    /** @type {Map<number, [string, number, number][]>} what a call is sent that the one before was not: role, tool or -1, characters */
    this.added = new Map(added);
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
   * Returns the groups of calls of one kind with the same name and input, the largest first.
   * @param {(node: number) => boolean} matches
   */
  loops(matches) {
    const groups = [...this.equal.values()].filter((group) => group.length > 1 && matches(group[0]));
    return groups.sort((one, other) => other.length - one.length);
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
