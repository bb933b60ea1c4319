/**
 * Failures of a session, and what came after them.
 * @module
 */

/** @typedef {import("./session.js").Session} Session */

/**
 * A failed span in which the failure began: none of those right below it failed.
 * @param {Session} session
 * @param {number} node
 */
export function isOrigin(session, node) {
  if (session.error(node) === null) return false;
  for (const child of session.children(node)) if (session.error(child) !== null) return false;
  return true;
}

/**
 * Returns the spans in which failures began, the first one first.
 * @param {Session} session
 */
export function failures(session) {
  const found = [];
  for (let node = 0; node < session.length; node += 1) if (isOrigin(session, node)) found.push(node);
  return found.sort((one, other) => session.end(one) - session.end(other));
}

/**
 * Returns the first span that starts after a failed one has ended, below the same parent or above it.
 * @param {Session} session
 * @param {number} node
 */
export function nextAfter(session, node) {
  const end = session.end(node);
  for (let inner = node; session.parents[inner] >= 0; inner = session.parents[inner]) {
    let next;
    for (const sibling of session.children(session.parents[inner])) {
      const begin = session.columns.begin[sibling];
      const isFirst = next === undefined || begin < session.columns.begin[next];
      if (sibling !== inner && begin >= end && isFirst) next = sibling;
    }
    if (next !== undefined) return next;
  }
  return undefined;
}
