/**
 * The rows of a tree that are shown: what is open, what is folded and what is filtered away.
 * @module
 */

/** @typedef {import("./session.js").Session} Session */

/** What a reader has opened and shut. Spans are named by their ids, which a session that grows keeps. */
export class TreeState {
  constructor() {
    /** @type {Set<string>} spans that are shut */
    this.shut = new Set();
    /** @type {Set<string>} first spans of folded runs that are open */
    this.unfolded = new Set();
    /** @type {Set<string>} kinds that are hidden */
    this.hidden = new Set();
  }

  copy() {
    const copy = new TreeState();
    copy.shut = new Set(this.shut);
    copy.unfolded = new Set(this.unfolded);
    copy.hidden = new Set(this.hidden);
    return copy;
  }
}

/** Rows in the order of the screen: the node of each, and the number of spans that it stands for. */
export class Rows {
  /**
   * @param {Int32Array} nodes
   * @param {Int32Array} folded 0 for a span, else the length of a folded run that begins with it
   */
  constructor(nodes, folded) {
    this.nodes = nodes;
    this.folded = folded;
    this.length = nodes.length;
  }

  /**
   * Returns the row in which a node stands, as itself or in a run; the row of what hides it otherwise.
   * @param {number} node
   */
  at(node) {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.nodes[middle] <= node) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Returns the rows that a state shows.
 * @param {Session} session
 * @param {TreeState} state
 */
export function rows(session, state) {
  const { size } = session.columns;
  const nodes = new Int32Array(session.length);
  const folded = new Int32Array(session.length);
  const shut = nodesOf(session, state.shut, (node) => size[node] > 1);
  const unfolded = nodesOf(session, state.unfolded, (node) => session.runs[node] > 0);
  const wanted = state.hidden.size > 0 ? wantedNodes(session, state.hidden) : null;
  let length = 0;
  for (let node = 0; node < session.length; ) {
    if (wanted && !wanted[node]) {
      node += size[node];
      continue;
    }
    const run = session.runs[node];
    const isFolded = run > 0 && !unfolded.has(node);
    nodes[length] = node;
    folded[length] = isFolded ? run : 0;
    length += 1;
    node += isFolded ? run : shut.has(node) ? size[node] : 1;
  }
  return new Rows(nodes.subarray(0, length), folded.subarray(0, length));
}

/**
 * @param {Session} session
 * @param {Set<string>} ids
 * @param {(node: number) => boolean} mayBe tells most of the others without a text each
 */
function nodesOf(session, ids, mayBe) {
  const nodes = new Set();
  if (ids.size === 0) return nodes;
  for (let node = 0; node < session.length; node += 1) {
    if (mayBe(node) && ids.has(session.id(node))) nodes.add(node);
  }
  return nodes;
}

/**
 * Returns which nodes stay when some kinds are hidden: those of other kinds, and all above them.
 * @param {Session} session
 * @param {Set<string>} hidden
 */
function wantedNodes(session, hidden) {
  const wanted = new Uint8Array(session.length);
  for (let node = session.length - 1; node >= 0; node -= 1) {
    if (!hidden.has(session.kind(node))) wanted[node] = 1;
    const parent = session.parents[node];
    if (wanted[node] && parent >= 0) wanted[parent] = 1;
  }
  return wanted;
}

/**
 * Returns a state in which a node can be seen: the same one if it can be seen already.
 * @param {Session} session
 * @param {TreeState} state
 * @param {number} node
 */
export function revealed(session, state, node) {
  const next = state.copy();
  for (const parent of session.above(node)) next.shut.delete(session.id(parent));
  next.hidden.delete(session.kind(node));
  for (let first = node; first >= 0 && session.parents[first] === session.parents[node]; first -= 1) {
    if (session.runs[first] > node - first && node > first) next.unfolded.add(session.id(first));
    if (session.runs[first] > 0 || session.columns.size[first] > 1) break;
  }
  // Spans are only taken out of `shut` and put into `unfolded`: equal sizes are equal sets.
  const isSame = next.shut.size === state.shut.size && next.unfolded.size === state.unfolded.size && next.hidden.size === state.hidden.size;
  return isSame ? state : next;
}
