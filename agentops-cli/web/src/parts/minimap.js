/**
 * The whole session in one strip: how much works when, what part is in view, and where it fails. Dragging zooms.
 * @module
 */

import { useMemo, useRef, useState } from "preact/hooks";
import { duration } from "../format.js";
import { html, memo } from "../html.js";
import { activity } from "../model/activity.js";
import { TimeAxis } from "../model/time_axis.js";
import { Area } from "./spark.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/time_axis.js").Range} Range */

const PARTS = 240;
/** Shortest drag that zooms, as a share of the strip; a shorter one is a click. */
const SHORTEST = 0.005;

/**
 * @param {{ session: Session, gaps: Range[], zoom: Range | null, setZoom: (zoom: Range | null) => void }} props
 */
function DrawnMinimap({ session, gaps, zoom, setZoom }) {
  const axis = useMemo(() => new TimeAxis(session.span, gaps), [session, gaps]);
  const { works, fails } = useMemo(() => activity(session, axis, PARTS), [session, axis]);
  const strip = useRef(/** @type {HTMLElement | null} */ (null));
  const [drag, setDrag] = useState(/** @type {[number, number] | null} */ (null));
  const place = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (strip.current).getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    strip.current?.setPointerCapture(event.pointerId);
    setDrag([place(event), place(event)]);
  };
  const move = (/** @type {PointerEvent} */ event) => drag && setDrag([drag[0], place(event)]);
  const up = (/** @type {PointerEvent} */ event) => {
    if (!drag) return;
    const [from, to] = [drag[0], place(event)].sort((one, other) => one - other);
    setDrag(null);
    setZoom(to - from < SHORTEST ? null : { from: axis.time(from), to: axis.time(to) });
  };
  const shown = drag ? [...drag].sort((one, other) => one - other) : zoom ? [axis.place(zoom.from), axis.place(zoom.to)] : null;
  return html`<div class="minimap" ref=${strip} onPointerDown=${down} onPointerMove=${move} onPointerUp=${up}
    title=${zoom ? "click for the whole session" : "drag to zoom"}>
    <${Area} values=${works} label=${`spans at work over ${duration(session.span.to - session.span.from)}`} />
    ${Array.from(fails).map((fails, part) => fails > 0 && html`<span key=${part} class="fails" style=${{ left: `${(100 * part) / PARTS}%` }}></span>`)}
    ${axis.gaps.map((gap) => html`<span key=${gap.from} class="gap" style=${{ left: `${100 * axis.place(gap.from)}%`, width: `${100 * (axis.place(gap.to) - axis.place(gap.from))}%` }}
      title=${`${duration(gap.to - gap.from)} without work`}></span>`)}
    ${shown && html`<span class="view" style=${{ left: `${100 * shown[0]}%`, width: `${100 * (shown[1] - shown[0])}%` }}></span>`}
  </div>`;
}

export const Minimap = memo(DrawnMinimap);
