/**
 * Differences between two JSON values, by path.
 * @module
 */

/** Most differences that are listed. */
const MOST = 200;

/**
 * Returns the innermost values that differ. The order of keys is no difference.
 * @param {any} older
 * @param {any} newer
 * @returns {{ path: string, older: any, newer: any }[]}
 */
export function jsonChanges(older, newer) {
  /** @type {{ path: string, older: any, newer: any }[]} */
  const changes = [];
  /** @type {[string, any, any][]} */
  const left = [["", older, newer]];
  while (left.length > 0 && changes.length < MOST) {
    const [path, one, other] = /** @type {[string, any, any]} */ (left.pop());
    const keys = bothKeys(one, other);
    if (keys) left.push(...keys.reverse().map(([key, step]) => /** @type {[string, any, any]} */ ([path + step, one[key], other[key]])));
    else if (!isSame(one, other)) changes.push({ path, older: one, newer: other });
  }
  return changes;
}

/**
 * @param {any} one
 * @param {any} other
 * @returns {[string | number, string][] | null}
 */
function bothKeys(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) {
    return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => [index, `[${index}]`]);
  }
  const areObjects = [one, other].every((value) => value !== null && typeof value === "object" && !Array.isArray(value));
  if (!areObjects) return null;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, `.${key}`]);
}

/**
 * @param {any} one
 * @param {any} other
 */
function isSame(one, other) {
  return one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}
