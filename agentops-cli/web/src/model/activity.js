/**
 * How much a session does at each moment, for the minimap.
 * @module
 */

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./time_axis.js").TimeAxis} TimeAxis */

/**
 * Returns the number of spans without children that work in each of some equal parts of the axis, and whether one fails there.
 * @param {Session} session
 * @param {TimeAxis} axis
 * @param {number} parts
 */
export function activity(session, axis, parts) {
  const change = new Int32Array(parts + 1);
  const fails = new Uint8Array(parts);
  const part = (/** @type {number} */ time) => Math.min(Math.floor(axis.place(time) * parts), parts - 1);
  const { size, begin, took, error } = session.columns;
  for (let node = 0; node < session.length; node += 1) {
    if (size[node] > 1 || session.isOpen(node)) continue;
    const last = part(begin[node] + took[node]);
    change[part(begin[node])] += 1;
    change[last + 1] -= 1;
    if (error[node] >= 0) fails[last] = 1;
  }
  const works = new Int32Array(parts);
  let sum = 0;
  for (let index = 0; index < parts; index += 1) {
    sum += change[index];
    works[index] = sum;
  }
  return { works, fails };
}
