/**
 * The line between tree and detail, which can be dragged and moved by the arrow keys.
 * @module
 */

import { html } from "../html.js";

const LEAST = 280;
const STEP = 20;

/** @param {{ width: number, setWidth: (width: number) => void }} props */
export function Splitter({ width, setWidth }) {
  const bounded = (/** @type {number} */ next) => Math.round(Math.min(Math.max(next, LEAST), Math.max(innerWidth - 360, LEAST)));
  const down = (/** @type {PointerEvent} */ event) => /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
  const move = (/** @type {PointerEvent} */ event) => {
    if (/** @type {HTMLElement} */ (event.currentTarget).hasPointerCapture(event.pointerId)) setWidth(bounded(innerWidth - event.clientX));
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const change = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    setWidth(bounded(width + change));
  };
  return html`<div class="splitter" role="separator" aria-orientation="vertical" aria-label="width of the detail" aria-valuenow=${width}
    aria-valuemin=${LEAST} aria-valuemax=${2000} tabindex="0" onPointerDown=${down} onPointerMove=${move} onKeyDown=${key}></div>`;
}
