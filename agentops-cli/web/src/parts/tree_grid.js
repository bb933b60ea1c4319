/**
 * Tree and timeline in one grid: rows of one height, of which only those in view are drawn.
 *
 * The grid is one tab stop. The row that has the focus is named by `aria-activedescendant`, so that it keeps the focus when
 * it is scrolled out of view.
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import { dollars, duration, exactDuration, tokens } from "../format.js";
import { useViewport } from "../hooks.js";
import { html, memo } from "../html.js";
import { KindMark, kindClass, kindName } from "./kind.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/rows.js").Rows} Rows */
/** @typedef {import("../model/rows.js").TreeState} TreeState */
/** @typedef {import("../model/time_axis.js").TimeAxis} TimeAxis */

/** Pixels of a row, as in the style sheet. */
export const ROW = 24;
/** Rows that are drawn beyond the view on each side. */
const BEYOND = 6;
/** Pixels of the indent of a level: of the outer ones, of the inner ones, and the number of both; deeper ones have their number. */
const OUTER = { levels: 8, pixels: 14 };
const INNER = { levels: 20, pixels: 4 };
/** Pixels that the label of a time takes, and the columns of numbers; and the width below which the bars are below the names. */
const LABEL = 72;
const NUMBERS = 290;
const NARROW = 600;

/**
 * @typedef {object} GridProps
 * @property {Session} session
 * @property {Rows} rows
 * @property {TreeState} state
 * @property {TimeAxis} axis
 * @property {number} selected node
 * @property {boolean} showCritical
 * @property {Set<number>} hits
 * @property {Map<number, number>} repeats calls that were made several times, with the number of times
 * @property {(node: number) => void} select
 * @property {(node: number) => void} toggle
 * @property {(key: string, event: KeyboardEvent) => boolean} pressed
 */

/** @param {GridProps} props */
export function TreeGrid(props) {
  const { session, rows, axis, selected, pressed } = props;
  const [box, view] = useViewport();
  const row = rows.at(selected);
  useReveal(box, row, selected);
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, []);
  const { first, last } = drawnRows(view, rows.length);
  const slotOf = useSlots(first, Math.ceil(view.height / ROW) + 2 * BEYOND + 1);
  const drawn = [];
  for (let index = first; index < last; index += 1) drawn.push({ index, slot: slotOf(index) });
  // What has the focus is there, also out of view.
  if (row >= 0 && (row < first || row >= last)) drawn.push({ index: row, slot: -1 });
  const down = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event.key, event)) event.preventDefault();
  };
  // The bars have what names and numbers leave, or all of a narrow screen.
  const room = view.width < NARROW ? view.width : view.width * 0.62 - NUMBERS;
  const ticks = axis.ticks(Math.min(Math.max(Math.floor(room / LABEL), 2), 6));
  return html`<${TimeScale} session=${session} axis=${axis} ticks=${ticks} />
  <div class="grid-box"><${Ticks} axis=${axis} ticks=${ticks} /><div class="grid" ref=${box} role="treegrid" aria-label=${`spans of ${session.columns.name}`} tabindex="0"
    aria-rowcount=${rows.length} aria-activedescendant=${row >= 0 ? `row-${session.id(rows.nodes[row])}` : undefined} onKeyDown=${down}>
    <div class="grid-rows" role="rowgroup" style=${{ height: `${rows.length * ROW}px` }}>
      ${drawn.map(({ index, slot }) => html`<${Row} key=${slot} ...${shown(props, index)} isSelected=${index === row} />`)}
    </div>
  </div></div>`;
}

/**
 * Returns the slot in which a row is drawn. A row stays in its slot as long as it is drawn, and a row that comes takes the slot of
 * one that went, with its elements: none is made while one scrolls.
 * @param {number} first
 * @param {number} length
 */
function useSlots(first, length) {
  const last = useRef({ first, length, shift: 0 });
  // After a leap no row is drawn that was: the first takes the first slot, so that no element moves either.
  if (Math.abs(first - last.current.first) >= length) last.current.shift += last.current.first - first;
  last.current.first = first;
  const { shift } = last.current;
  return (/** @type {number} */ index) => (((index + shift) % length) + length) % length;
}

/**
 * Scrolls to the selected row when another is selected, but not when rows come or go: nothing moves under the reader's eye.
 * @param {import("preact").RefObject<HTMLElement>} box
 * @param {number} row
 * @param {number} selected
 */
function useReveal(box, row, selected) {
  const last = useRef({ row: -1, selected: -1 });
  useEffect(() => {
    const element = box.current;
    if (!element || row < 0) return;
    const before = last.current;
    last.current = { row, selected };
    if (before.selected === selected && before.row >= 0) {
      // Rows above were added or taken away: what is in view stays where it is.
      element.scrollTop += (row - before.row) * ROW;
      return;
    }
    scrollToRow(element, row);
  }, [row, selected]);
}

/**
 * Scrolls as little as it takes until a row is in view.
 * @param {HTMLElement} box
 * @param {number} row
 */
export function scrollToRow(box, row) {
  const top = row * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
}

/**
 * Returns the rows that are drawn: those in view, and some beyond.
 * @param {{ top: number, height: number }} view
 * @param {number} length
 */
export function drawnRows(view, length) {
  const first = Math.max(Math.floor(view.top / ROW) - BEYOND, 0);
  return { first, last: Math.min(Math.ceil((view.top + view.height) / ROW) + BEYOND, length) };
}

/**
 * What a row is drawn of. It is drawn anew if one of these is another, so none is made anew for each drawing.
 * @param {GridProps} props
 * @param {number} index
 */
function shown({ session, rows, state, axis, hits, repeats, select, toggle, showCritical }, index) {
  const node = rows.nodes[index];
  const folded = rows.folded[index];
  const isExpanded = session.hasChildren(node) ? !state.shut.has(session.id(node)) : folded > 0 ? false : undefined;
  const times = folded === 0 ? repeats.get(node) : undefined;
  return { session, node, folded, index, isExpanded, isHit: hits.has(node), times, axis, showCritical, select, toggle };
}

const Row = memo(DrawnRow);

/** @param {ReturnType<typeof shown> & { isSelected: boolean }} props */
function DrawnRow({ session, node, folded, index, isExpanded, isHit, times, axis, showCritical, select, toggle, isSelected }) {
  const { columns } = session;
  const id = session.id(node);
  const kind = session.kind(node);
  const isParent = session.hasChildren(node);
  const error = session.error(node);
  const depth = columns.depth[node];
  const classes = [
    "row",
    isSelected && "selected",
    error !== null && "failed",
    session.isOpen(node) && "open",
    isHit && "hit",
  ].filter(Boolean).join(" ");
  return html`<div role="row" id=${`row-${id}`} class=${classes} style=${{ transform: `translateY(${index * ROW}px)` }}
    aria-rowindex=${index + 1} aria-level=${depth + 1} aria-expanded=${isExpanded} aria-selected=${isSelected} ...${position(session, node)}
    onClick=${() => select(node)} onDblClick=${() => (isParent || folded > 0) && toggle(node)}>
    <div role="gridcell" class="cell-name" style=${{ paddingLeft: `${indent(depth) + 4}px` }}>
      <${Twisty} isExpanded=${isExpanded} toggle=${() => toggle(node)} />
      <${KindMark} kind=${kind} isNamed />
      <span class="name" title=${session.title(node)}>${session.title(node)}</span>
      ${depth > OUTER.levels + INNER.levels && html`<span class="muted">level ${depth}</span>`}
      ${folded > 0 && html`<span class="fold">×${folded}</span>`}
      ${times !== undefined && html`<span class="fold" title=${`called ${times} times with the same input (key r)`}>⟳${times}</span>`}
      ${error !== null && html`<span class="error" title=${error}><span aria-hidden="true">✗ </span><span class="visually-hidden">failed: </span>${firstLine(error)}</span>`}
      ${error === null && columns.errors[node] > 0 && isParent && !isExpanded && html`<span class="error" title="failed spans below">✗${columns.errors[node]}</span>`}
      ${session.scores(node).length > 0 && html`<${ScoreMark} scores=${session.scores(node)} />`}
      ${session.model(node) && html`<span class="muted model">${session.model(node)}</span>`}
    </div>
    <div role="gridcell" class="cell-sum" title=${isParent ? "of all model calls below" : "of this call"}>${sum(session, node, folded)}</div>
    <div role="gridcell" class="cell-cost">${columns.cost[node] === null ? "" : dollars(columns.cost[node])}</div>
    <div role="gridcell" class="cell-bar" aria-label=${barText(session, node)}>
      <${Bar} session=${session} node=${node} folded=${folded} axis=${axis} showCritical=${showCritical} />
    </div>
    <div role="gridcell" class="cell-time" title=${exactDuration(columns.took[node])}>${took(session, node, folded)}</div>
  </div>`;
}

/** @param {{ scores: import("../types.js").Score[] }} props */
function ScoreMark({ scores }) {
  const text = scores.map(({ name, value, label }) => [name, value, label].filter((part) => part !== null).join(" ")).join(", ");
  return html`<span class="scored" title=${text}><span aria-hidden="true">★</span><span class="visually-hidden">score: ${text}</span></span>`;
}

/** @param {number} depth */
export function indent(depth) {
  const inner = Math.min(Math.max(depth - OUTER.levels, 0), INNER.levels);
  return Math.min(depth, OUTER.levels) * OUTER.pixels + inner * INNER.pixels;
}

/**
 * @param {{ isExpanded: boolean | undefined, toggle: () => void }} props
 */
function Twisty({ isExpanded, toggle }) {
  if (isExpanded === undefined) return html`<span class="twisty" aria-hidden="true"></span>`;
  const press = (/** @type {Event} */ event) => {
    event.stopPropagation();
    toggle();
  };
  return html`<span class="twisty" aria-hidden="true" onClick=${press} onDblClick=${(/** @type {Event} */ event) => event.stopPropagation()}>${isExpanded ? "▾" : "▸"}</span>`;
}

/**
 * The number of siblings and the place among them, as far as they are cheap to count.
 * @param {Session} session
 * @param {number} node
 */
function position(session, node) {
  const parent = session.parents[node];
  if (parent < 0) return { "aria-setsize": 1, "aria-posinset": 1 };
  const { size } = session.columns;
  let [place, all] = [0, 0];
  for (const sibling of session.children(parent)) {
    all += 1;
    if (sibling <= node) place += 1;
    // Of 50,000 siblings the exact number helps nobody, and counting them for each row takes time.
    if (all > 1000) return { "aria-setsize": -1, "aria-posinset": Math.max(Math.min(node - parent, size[parent] - 1), 1) };
  }
  return { "aria-setsize": all, "aria-posinset": place };
}

/** @param {string} text */
function firstLine(text) {
  const [line] = text.split("\n", 1);
  return line || "failed";
}

/**
 * @param {Session} session
 * @param {number} node
 * @param {number} folded
 */
function sum(session, node, folded) {
  const { input, output } = session.columns;
  if (folded === 0) return input[node] === null && output[node] === null ? "" : tokens(input[node], output[node]);
  const total = (/** @type {(number | null)[]} */ column) => {
    let sum = null;
    for (let other = node; other < node + folded; other += 1) sum = column[other] === null ? sum : (sum ?? 0) + Number(column[other]);
    return sum;
  };
  const [all, written] = [total(input), total(output)];
  return all === null && written === null ? "" : tokens(all, written);
}

/**
 * @param {Session} session
 * @param {number} node
 * @param {number} folded
 */
function took(session, node, folded) {
  const { took } = session.columns;
  if (session.isOpen(node)) return "open";
  if (folded === 0) return duration(took[node]);
  let [least, most] = [Infinity, 0];
  for (let other = node; other < node + folded; other += 1) {
    least = Math.min(least, took[other]);
    most = Math.max(most, took[other]);
  }
  return `≤ ${duration(most)}`;
}

/**
 * @param {Session} session
 * @param {number} node
 */
function barText(session, node) {
  const { begin, took, critical } = session.columns;
  const parts = [
    `${kindName(session.kind(node))} ${session.title(node)}`,
    session.isOpen(node) ? "still open" : duration(took[node]),
    `starts at ${duration(begin[node] - session.span.from)}`,
  ];
  const first = session.firstPiece(node);
  if (first !== undefined) parts.push(`first piece after ${duration(first)}`);
  if (critical[node] > 0) parts.push(`${duration(critical[node])} of it on the critical path`);
  return parts.join(", ");
}

/**
 * The bar of a row: of a folded run, one for each span.
 * @param {{ session: Session, node: number, folded: number, axis: TimeAxis, showCritical: boolean }} props
 */
function Bar({ session, node, folded, axis, showCritical }) {
  const many = Math.min(Math.max(folded, 1), 40);
  const bars = [];
  for (let index = 0; index < many; index += 1) {
    // Of a run that is longer than there is room for, bars from all of it.
    const other = node + Math.floor((index * Math.max(folded, 1)) / many);
    bars.push(bar(session, other, axis, showCritical));
  }
  return html`${bars}`;
}

/**
 * @param {Session} session
 * @param {number} node
 * @param {TimeAxis} axis
 * @param {boolean} showCritical
 */
function bar(session, node, axis, showCritical) {
  const { begin, took, critical } = session.columns;
  const isOpen = session.isOpen(node);
  const end = isOpen ? session.span.to : begin[node] + took[node];
  if (end < axis.range.from || begin[node] > axis.range.to) return null;
  const left = axis.place(begin[node]);
  const width = axis.place(end) - left;
  const isWaiting = showCritical ? !(critical[node] > 0) : session.hasChildren(node);
  const classes = ["bar", kindClass(session.kind(node)), isWaiting && "waits", isOpen && "open"].filter(Boolean).join(" ");
  const first = session.firstPiece(node);
  const at = first === undefined ? 0 : begin[node] + first;
  const isSeen = first !== undefined && at >= axis.range.from && at <= axis.range.to;
  return html`<span key=${node} class=${classes} style=${{ left: `${100 * left}%`, width: `${100 * width}%` }}></span>
    ${isSeen && html`<span key=${`first ${node}`} class="first-piece" style=${{ left: `${100 * axis.place(at)}%` }}></span>`}`;
}

/**
 * Marks of round times above the rows.
 * @param {{ session: Session, axis: TimeAxis, ticks: number[] }} props
 */
function TimeScale({ session, axis, ticks }) {
  const times = ticks.map((tick) => Math.round(tick - session.span.from));
  const texts = times.map((time) => (time === 0 ? "0" : duration(time)));
  // Far in, the times differ in a digit that is not shown.
  const isAlike = texts.some((text, index) => index > 0 && text === texts[index - 1]);
  const label = (/** @type {number} */ index) => (isAlike && index > 0 ? `+${duration(times[index] - times[0])}` : texts[index]);
  return html`<div class="scale" aria-hidden="true"><div>
    ${ticks.map((tick, index) => html`<span key=${tick} style=${{ left: `${100 * axis.place(tick)}%` }}>${label(index)}</span>`)}
  </div></div>`;
}

/** Lines of the same times behind the rows. @param {{ axis: TimeAxis, ticks: number[] }} props */
function Ticks({ axis, ticks }) {
  return html`<div class="ticks" aria-hidden="true"><div>
    ${ticks.map((tick) => html`<span key=${tick} style=${{ left: `${100 * axis.place(tick)}%` }}></span>`)}
  </div></div>`;
}
