/**
 * A session as columns, which stay as the server sent them: no object a span.
 * @module
 */

/** @typedef {import("../types.js").SessionColumns} SessionColumns */

/** Bits of `marks`. */
export const CANCELLED = 1;
export const LATE = 2;
export const UNFINISHED = 4;
export const OPEN = 8;

/** Digits of a span's id. */
const ID = 16;

/** Fewest equal siblings that are folded, as on the command line. */
const FEWEST_FOLDED = 3;

export class Session {
  /** @param {SessionColumns} columns */
  constructor(columns) {
    this.columns = columns;
    this.length = columns.nodes;
    this.parents = parents(columns);
    this.runs = runs(columns);
    /** Nanoseconds from the first start to the last end. */
    this.span = extent(columns);
    this.scored = scoresBySpan(columns);
    this.firstPieces = new Map(columns.first_piece);
  }

  /** @param {number} node */
  id(node) {
    return this.columns.id16.slice(node * ID, node * ID + ID);
  }

  /**
   * Finds the node with an id, or with the only id that begins like this.
   * @param {string} id
   */
  find(id) {
    const { id16 } = this.columns;
    for (let at = id16.indexOf(id); at >= 0; at = id16.indexOf(id, at + 1)) {
      if (at % ID === 0) return at / ID;
    }
    return -1;
  }

  /** @param {number} node */
  kind(node) {
    return this.columns.strings[this.columns.kind[node]];
  }

  /** @param {number} node */
  title(node) {
    return this.columns.strings[this.columns.title[node]] || NO_NAME;
  }

  /** @param {number} node */
  model(node) {
    return this.#text(this.columns.model[node]);
  }

  /** @param {number} node */
  agent(node) {
    return this.#text(this.columns.agent[node]);
  }

  /**
   * Returns the message of a failed span, which may be empty; `null` for others.
   * @param {number} node
   */
  error(node) {
    return this.#text(this.columns.error[node]);
  }

  /** @param {number} index */
  #text(index) {
    return index < 0 ? null : this.columns.strings[index];
  }

  /**
   * Returns the scores of a span; those of the session are those of its root, too.
   * @param {number} node
   */
  scores(node) {
    return this.scored.get(this.id(node)) ?? NO_SCORES;
  }

  /**
   * Returns the nanoseconds until the first piece of a stream; `undefined` for what is none.
   * @param {number} node
   */
  firstPiece(node) {
    return this.firstPieces.get(node);
  }

  /** @param {number} node */
  isOpen(node) {
    return (this.columns.marks[node] & OPEN) !== 0;
  }

  /** @param {number} node */
  hasChildren(node) {
    return this.columns.size[node] > 1;
  }

  /**
   * Returns the nodes below a node, without those below them.
   * @param {number} node
   */
  *children(node) {
    const { size } = this.columns;
    for (let child = node + 1; child < node + size[node]; child += size[child]) yield child;
  }

  /** @param {number} node */
  end(node) {
    return this.columns.begin[node] + this.columns.took[node];
  }

  /**
   * Returns the nodes above a node, the innermost first.
   * @param {number} node
   */
  *above(node) {
    for (let parent = this.parents[node]; parent >= 0; parent = this.parents[parent]) yield parent;
  }

  get hasCost() {
    return this.columns.cost[0] !== null;
  }

  get hasTokens() {
    return this.columns.input[0] !== null || this.columns.output[0] !== null;
  }

  get isRunning() {
    return this.columns.state === "running";
  }
}

/** Stands where a span has no name. */
export const NO_NAME = "–";

/** @type {import("../types.js").Score[]} */
const NO_SCORES = [];

/** @param {SessionColumns} columns */
function scoresBySpan({ scores, id16 }) {
  /** @type {Map<string, import("../types.js").Score[]>} */
  const found = new Map();
  for (const score of scores) {
    const span = score.span ?? id16.slice(0, ID);
    found.set(span, [...(found.get(span) ?? []), score]);
  }
  return found;
}

/** @param {SessionColumns} columns */
function parents({ depth, nodes }) {
  const parents = new Int32Array(nodes);
  const path = [];
  for (let node = 0; node < nodes; node += 1) {
    path.length = depth[node];
    parents[node] = depth[node] > 0 ? path[depth[node] - 1] : -1;
    path[depth[node]] = node;
  }
  return parents;
}

/**
 * Lengths of the runs of equal leaves that follow each other below one parent, at the first of each run; 0 elsewhere.
 * @param {SessionColumns} columns
 */
function runs({ nodes, size, depth, kind, title, error, marks }) {
  const runs = new Int32Array(nodes);
  const isPlain = (/** @type {number} */ node) => size[node] === 1 && error[node] < 0 && marks[node] === 0;
  for (let node = 0; node < nodes; ) {
    let next = node + 1;
    if (isPlain(node)) {
      const isEqual = (/** @type {number} */ other) =>
        depth[other] === depth[node] && kind[other] === kind[node] && title[other] === title[node];
      while (next < nodes && isPlain(next) && isEqual(next)) next += 1;
      if (next - node >= FEWEST_FOLDED) runs[node] = next - node;
    }
    node = next;
  }
  return runs;
}

/** @param {SessionColumns} columns */
function extent({ nodes, begin, took }) {
  let [from, to] = [0, 1];
  for (let node = 0; node < nodes; node += 1) {
    from = Math.min(from, begin[node]);
    to = Math.max(to, begin[node] + took[node]);
  }
  return { from, to };
}
