/**
 * Elements without a compiler: `htm` on Preact.
 * @module
 */

import htm from "htm";
import { h } from "preact";

/** @typedef {import("preact").ComponentChildren} Children */

export const html = htm.bind(h);

/**
 * Returns a component that is rendered anew by those around it only if one of its inputs is another.
 * @template {object} P
 * @param {(props: P) => any} component
 * @returns {(props: P) => any}
 */
export function memo(component) {
  /** @this {any} @param {P} props */
  return function Memo(props) {
    this.shouldComponentUpdate = (/** @type {P} */ next) => isOther(this.props, next);
    return h(/** @type {any} */ (component), props);
  };
}

/**
 * @param {Record<string, any>} last
 * @param {Record<string, any>} next
 */
function isOther(last, next) {
  for (const key in next) if (next[key] !== last[key]) return true;
  return false;
}
