/**
 * The keys.
 * @module
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../html.js";

const KEYS = [
  ["Everywhere", [["/", "search"], ["?", "this help"], ["Esc", "out of it"], ["[ ]", "previous, next session"], ["g l", "list of sessions"], ["y", "copy the link"], ["x", "select for a comparison"]]],
  ["List", [["j k", "down, up"], ["c", "compare the two that are selected"]]],
  ["Tree", [["↑ ↓ j k", "up, down"], ["→", "open, then the first child"], ["←", "shut, then the parent"], ["Home End PgUp PgDn", "further"], ["*", "open the siblings"], ["⇧ ←", "shut all"], ["Enter", "to the detail, Esc back"]]],
  ["Jumps", [["e E", "next, previous failure"], ["m M", "next, previous model call"], ["r R", "next, previous repeated call"], ["n N", "next, previous hit"], [".", "what came next, as after a failure"]]],
  ["Time", [["z", "zoom to the span"], ["+ −", "closer, wider"], ["0", "the whole session"], ["c", "critical path"], ["f", "follow what runs"]]],
  ["Detail", [["1 … 5", "tabs"], ["o", "open what is folded"], ["w", "wrap lines, or not"]]],
  ["Comparison", [["j k", "down, up"], ["e", "first difference"], ["a", "equal spans, too"]]],
];

/** @param {{ close: () => void }} props */
export function Help({ close }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="help" ref=${dialog} onClose=${close} aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <div class="help-groups">${KEYS.map(([title, keys]) => html`<section key=${title}><h3>${title}</h3><dl>
      ${/** @type {string[][]} */ (keys).map(([key, meaning]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}</dl></section>`)}</div>
    <form method="dialog"><button type="submit" class="quiet">Close</button></form>
  </dialog>`;
}
