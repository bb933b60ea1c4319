/**
 * Find in the names, models, agents and errors of a session.
 * @module
 */

/** @typedef {import("./session.js").Session} Session */

/**
 * Returns the nodes in which a text stands, in the order of the tree. The string table is searched, not the spans: 100,000
 * spans have a few hundred names.
 * @param {Session} session
 * @param {string} text
 */
export function find(session, text) {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  const { strings, title, model, agent, error, kind } = session.columns;
  // At the place 0 for what has no text: to look for the place -1 in a list takes 20 times as long.
  const has = Uint8Array.from([false, ...strings.map((string) => string.toLowerCase().includes(wanted))], Number);
  const isId = /^[0-9a-f]{4,16}$/.test(wanted);
  const found = [];
  for (let node = 0; node < session.length; node += 1) {
    const isFound =
      has[title[node] + 1] || has[kind[node] + 1] || has[model[node] + 1] || has[agent[node] + 1] || has[error[node] + 1] ||
      (isId && session.id(node).startsWith(wanted));
    if (isFound) found.push(node);
  }
  return found;
}
