/**
 * Two sessions side by side: where they part, then both trees in one order.
 * @module
 */

import { diffArrays } from "diff";
import { useEffect, useMemo } from "preact/hooks";
import * as api from "../api.js";
import { count, counted, dollars, duration, exactMoment, moment, percent, tokens } from "../format.js";
import { useAnswer, useKeys, useViewport } from "../hooks.js";
import { html } from "../html.js";
import { attribute, input, output } from "../model/attributes.js";
import { jsonChanges } from "../model/json_changes.js";
import { parsed } from "../model/json_text.js";
import { messageChanges, textOf } from "../model/message_changes.js";
import { messages, prompt } from "../model/messages.js";
import { copy } from "../parts/copy.js";
import { LongText } from "../parts/json_tree.js";
import { KindMark, kindName } from "../parts/kind.js";
import { inline } from "../parts/markdown.js";
import { ROW, drawnRows, indent, scrollToRow } from "../parts/tree_grid.js";
import { StateMark } from "../parts/state.js";
import { diffAddress, go, optionsText, replace, replaceOptions, sessionAddress } from "../route.js";
import { Problem } from "./problem.js";

/** @typedef {import("../route.js").Route} Route */
/** @typedef {import("../types.js").DiffDocument} DiffDocument */
/** @typedef {import("../types.js").DiffRow} DiffRow */
/** @typedef {import("../types.js").DiffSession} DiffSession */
/** @typedef {import("../types.js").SpanDocument} SpanDocument */

/** A word, a space between words, or a sign. */
const WORDS = /[\p{L}\p{M}\p{N}_]+|\r?\n|[^\S\r\n]+|./gsu;
/** Longest texts whose words are compared. */
const LONGEST = 20000;

/** @param {{ route: Route }} props */
export function DiffScreen({ route }) {
  const [a, b, row] = route.ids;
  const { value, error } = useAnswer(`${a} ${b}`, () => api.diff(a, b));
  if (error) return html`<${Problem} error=${error} />`;
  if (!value) return html`<main class="screen"><p class="muted loading">Comparing …</p></main>`;
  return html`<${Loaded} key=${`${a} ${b}`} diff=${value} ids=${[a, b]} row=${row} options=${route.options} />`;
}

/** @param {{ diff: DiffDocument, ids: string[], row: string | undefined, options: URLSearchParams }} props */
function Loaded({ diff, ids, row, options }) {
  const onlyChanged = options.get("only") !== "all";
  const selected = row === undefined ? (diff.first ?? -1) : Number(row);
  const rows = useMemo(() => shownRows(diff, onlyChanged, selected), [diff, onlyChanged, selected]);
  const select = (/** @type {number} */ index) => go(diffAddress(ids[0], ids[1], index) + optionsText());
  const place = rows.findIndex((row) => row.index === selected);
  const [box, view] = useViewport();
  const step = (/** @type {number} */ by) => {
    const next = Math.min(Math.max(place + by, 0), rows.length - 1);
    if (rows[next]) replace(diffAddress(ids[0], ids[1], rows[next].index) + optionsText());
  };
  useEffect(() => {
    if (box.current && place >= 0) scrollToRow(box.current, place);
  }, [place]);
  const choose = (/** @type {number} */ index) => (/** @type {Event} */ event) => {
    event.preventDefault();
    select(index);
  };
  useKeys((key) => {
    const actions = /** @type {Record<string, () => void>} */ ({
      j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
      a: () => replaceOptions({ only: onlyChanged ? "all" : null }),
      e: () => diff.first !== null && select(diff.first),
      y: () => void copy(location.href).catch(() => {}),
    });
    const action = actions[key];
    action?.();
    return action !== undefined;
  });
  const { first, last } = drawnRows(view, rows.length);
  return html`<main class="screen diff">
    <header class="session-head">
      <a class="quiet" href="#/">‹ Sessions</a>
      <h1>Compare</h1>
      <p class="actions"><a href=${diffAddress(ids[1], ids[0])} onClick=${(/** @type {Event} */ event) => {
        event.preventDefault();
        replace(diffAddress(ids[1], ids[0]) + optionsText());
      }}>Swap</a></p>
    </header>
    <${Sides} sessions=${diff.sessions} />
    <p class="sentence" role="status">${inline(diff.sentence)}
      ${diff.asked !== null && diff.asked !== selected && html` <a href=${diffAddress(ids[0], ids[1], diff.asked)} onClick=${choose(diff.asked)}>Show that call</a>`}</p>
    <div class="toolbar">
      <button type="button" class="quiet" aria-pressed=${!onlyChanged} onClick=${() => replaceOptions({ only: onlyChanged ? "all" : null })} title="key a">Show equal spans</button>
      ${diff.first !== null && html`<button type="button" class="quiet" onClick=${choose(diff.first)} title="key e">First difference</button>`}
      <span class="muted">${summary(diff)}</span>
    </div>
    <div class="panes">
      <section class="tree" aria-label="both trees">
        <div class="grid diff-grid" ref=${box} tabindex="0" role="list" aria-label="rows of both trees">
          <div class="grid-rows" style=${{ height: `${rows.length * ROW}px` }}>
            ${rows.slice(first, last).map(({ row, index }, at) => html`<${Row} key=${index} row=${row} top=${(first + at) * ROW}
              isSelected=${index === selected} isFirst=${index === diff.first} select=${() => select(index)} />`)}
          </div>
        </div>
        ${rows.length === 0 && html`<p class="empty">Both sessions did the same.</p>`}
      </section>
      <aside class="detail" aria-label="selected row">
        ${selected >= 0 && diff.rows[selected] && html`<${Changes} key=${selected} row=${diff.rows[selected]} sessions=${diff.sessions} />`}
      </aside>
    </div>
  </main>`;
}

/**
 * @param {DiffDocument} diff
 * @param {boolean} onlyChanged
 * @param {number} selected
 */
function shownRows(diff, onlyChanged, selected) {
  const rows = diff.rows.map((row, index) => ({ row, index }));
  if (!onlyChanged) return rows;
  // A changed span is shown with what is above it, and so is one that was chosen.
  const wanted = new Uint8Array(rows.length);
  /** @type {number[]} */
  const path = [];
  rows.forEach(({ row }, index) => {
    path.length = row.depth;
    path[row.depth] = index;
    if (row.state !== "same" || index === selected) for (const above of path) if (above !== undefined) wanted[above] = 1;
  });
  return rows.filter((_, index) => wanted[index]);
}

/** @param {DiffDocument} diff */
function summary({ rows }) {
  const number = (/** @type {string} */ state) => rows.reduce((sum, row) => sum + Number(row.state === state), 0);
  return `${number("changed")} changed, ${number("added")} added, ${number("removed")} removed, ${number("same")} the same`;
}

/** @param {{ sessions: [DiffSession, DiffSession] }} props */
function Sides({ sessions }) {
  const [older, newer] = sessions;
  /** @type {[string, (session: DiffSession) => number | null, (value: number | null) => string][]} */
  const figures = [
    ["time", ({ took }) => took, duration],
    ["tokens in", ({ input }) => input, count],
    ["tokens out", ({ output }) => output, count],
    ["cost", ({ cost }) => cost, dollars],
    ["model calls", ({ llm }) => llm, count],
    ["tools", ({ tools }) => tools, count],
    ["spans", ({ spans }) => spans, count],
    ["errors", ({ errors }) => errors, count],
  ];
  const head = (/** @type {string} */ sign, /** @type {DiffSession} */ session) => html`<span class="side-head"><span class="sign">${sign}</span>
    <a href=${sessionAddress(session.id)}>${session.name || "–"} <span class="mono">${session.id.slice(0, 8)}</span></a>
    <span class="muted" title=${exactMoment(session.start)}>${moment(session.start)}</span> <${StateMark} state=${session.state} /></span>`;
  const shown = figures.filter(([, of]) => of(older) !== null || of(newer) !== null);
  return html`<div class="sides">
    <p>${head("−", older)}${head("+", newer)}</p>
    <dl>${shown.map(([name, of, format]) => html`<div key=${name}><dt>${name}</dt>
      <dd>${of(older) === of(newer) ? format(of(older)) : `${format(of(older))} → ${format(of(newer))}`}${" "}
        <span class="muted" title=${difference(of(older), of(newer), format)}>${share(of(older), of(newer))}</span></dd></div>`)}</dl>
  </div>`;
}

/**
 * @param {number | null} older
 * @param {number | null} newer
 * @param {(value: number | null) => string} format
 */
function difference(older, newer, format) {
  if (older === null && newer === null) return "";
  const by = (newer ?? 0) - (older ?? 0);
  if (by === 0) return "=";
  const share = older ? ` ${by > 0 ? "+" : "−"}${percent(Math.abs(by), older)}` : "";
  return `${by > 0 ? "+" : "−"}${format(Math.abs(by))}${share}`;
}

/**
 * @param {number | null} older
 * @param {number | null} newer
 */
function share(older, newer) {
  if (!older || newer === null || older === newer) return "";
  return `${newer > older ? "+" : "−"}${percent(Math.abs(newer - older), older)}`;
}

const SIGNS = { same: " ", changed: "~", added: "+", removed: "−" };

/** @param {{ row: DiffRow, top: number, isSelected: boolean, isFirst: boolean, select: () => void }} props */
function Row({ row, top, isSelected, isFirst, select }) {
  const { state, depth, kind, older, newer, changes } = row;
  const name = row.call ?? row.name;
  const both = older && newer;
  const error = newer?.error ?? older?.error ?? null;
  return html`<div role="listitem" class=${`row diff-row ${state} ${isSelected ? "selected" : ""}`} style=${{ transform: `translateY(${top}px)` }} onClick=${select} aria-current=${isSelected}>
    <span class="sign"><span aria-hidden="true">${SIGNS[state]}</span><span class="visually-hidden">${state}</span></span>
    <span class="cell-name" style=${{ paddingLeft: `${indent(depth)}px` }}><${KindMark} kind=${kind} isNamed /> <span class="name" title=${name}>${name}</span>
      ${isFirst && html`<span class="note">first difference</span>`}
      ${error !== null && html`<span class="error">✗ ${error.split("\n", 1)[0] || "failed"}</span>`}</span>
    <span class="muted changes">${changes.join(", ")}</span>
    <span class="cell-time">${older ? duration(older.took) : ""}</span>
    <span class="cell-time">${newer ? duration(newer.took) : ""}</span>
    <span class="cell-time by">${both ? difference(older.took, newer.took, duration).replace(/ [+−].*/, "") : state === "added" ? "new" : "gone"}</span>
  </div>`;
}

/** @param {{ row: DiffRow, sessions: [DiffSession, DiffSession] }} props */
function Changes({ row, sessions }) {
  const [older, newer] = [row.older, row.newer];
  const read = (/** @type {number} */ side, /** @type {import("../types.js").DiffSpan | null} */ span) => (span ? api.span(sessions[side].id, span.span) : null);
  const { value, error } = useAnswer(`${older?.span} ${newer?.span}`, () => Promise.all([read(0, older), read(1, newer)]));
  return html`<div class="pane-content">
    <header class="pane-head"><h2><${KindMark} kind=${row.kind} /> <span class="pane-title">${row.name}</span> <span class="muted">${row.state}</span></h2>
      <p class="actions">${older && html`<a href=${sessionAddress(sessions[0].id, older.span)}>older span</a>`}
        ${newer && html`<a href=${sessionAddress(sessions[1].id, newer.span)}>newer span</a>`}</p>
      ${older && newer && (older.input ?? newer.input) !== null && html`<p class="facts"><span>${tokens(older.input, older.output)} ⟶ ${tokens(newer.input, newer.output)} tokens</span></p>`}</header>
    ${error && html`<p class="problem" role="alert">${error.message}</p>`}
    ${older?.error !== newer?.error && html`<${TextChange} title="Error" older=${older?.error} newer=${newer?.error} />`}
    ${value && html`<${ValueChange} title="Input" spans=${value} of=${input} messagesOf=${row.kind === "llm" ? saw : null} />
      <${ValueChange} title="Output" spans=${value} of=${output} messagesOf=${row.kind === "llm" ? wrote : null} />`}
  </div>`;
}

/** @param {SpanDocument} span */
const saw = (span) => prompt(attribute(span, "gen_ai.system_instructions"), input(span));
/** @param {SpanDocument} span */
const wrote = (span) => messages(output(span), "assistant");

/**
 * @param {{ title: string, spans: (SpanDocument | null)[], of: (span: SpanDocument) => any,
 *   messagesOf: ((span: SpanDocument) => import("../model/messages.js").Message[] | null) | null }} props
 */
function ValueChange({ title, spans, of, messagesOf }) {
  const [older, newer] = spans.map((span) => span && of(span));
  const lists = messagesOf ? spans.map((span) => span && messagesOf(span)) : [];
  if (lists[0] && lists[1]) return html`<${MessagesChange} title=${title} older=${lists[0]} newer=${lists[1]} />`;
  const trees = [older, newer].map(parsed);
  if (trees.every((tree) => tree !== undefined)) {
    const changes = jsonChanges(trees[0], trees[1]);
    return html`<section><h3>${title}</h3>
      ${changes.length === 0 && html`<p class="muted">The same.</p>`}
      ${changes.map((change) => html`<div class="json-change" key=${change.path}><p class="mono">${change.path || "·"}</p>
        <${TextChange} older=${change.older} newer=${change.newer} /></div>`)}</section>`;
  }
  return html`<${TextChange} title=${title} older=${older} newer=${newer} />`;
}

/**
 * @param {{ title: string, older: import("../model/messages.js").Message[], newer: import("../model/messages.js").Message[] }} props
 */
function MessagesChange({ title, older, newer }) {
  const changes = messageChanges(older, newer);
  const same = Math.max(older.length, newer.length) - changes.length;
  return html`<section><h3>${title}</h3>
    <p class="muted">${changes.length === 0 ? "The same." : same === 0 ? "" : `The same ${counted(same, "message")}, but for ${changes.map(({ number }) => `#${number}`).slice(0, 20).join(", ")}.`}</p>
    ${changes.map(({ number, older, newer }) => html`<div class="json-change" key=${number}>
      <p><strong>#${number} ${(newer ?? older)?.role}</strong> <span class="muted">${older === null ? "new" : newer === null ? "gone" : ""}</span></p>
      <${TextChange} older=${older && textOf(older)} newer=${newer && textOf(newer)} isCounted /></div>`)}</section>`;
}

/** @param {{ title?: string, older: any, newer: any, isCounted?: boolean }} props `isCounted` adds the number of words */
function TextChange({ title, older, newer, isCounted = false }) {
  const [before, after] = [older, newer].map((value) => (value === undefined || value === null ? null : typeof value === "string" ? value : JSON.stringify(value)));
  if (before === null && after === null) return null;
  const body = before === after
    ? html`<p class="muted">The same.</p>`
    : before === null || after === null || before.length + after.length > LONGEST
      ? html`${before !== null && html`<pre class="text removed"><${LongText} text=${before} /></pre>`}${after !== null && html`<pre class="text added"><${LongText} text=${after} /></pre>`}`
      : html`<${Words} older=${before} newer=${after} isCounted=${isCounted} />`;
  return html`<section>${title && html`<h3>${title}</h3>`}${body}</section>`;
}

/** @param {{ older: string, newer: string, isCounted: boolean }} props */
function Words({ older, newer, isCounted }) {
  const parts = useMemo(() => diffArrays(older.match(WORDS) ?? [], newer.match(WORDS) ?? [], { timeout: 500 }), [older, newer]);
  if (!parts) return html`<pre class="text removed"><${LongText} text=${older} /></pre><pre class="text added"><${LongText} text=${newer} /></pre>`;
  const words = (/** @type {"added" | "removed"} */ side) => parts.filter((part) => part[side]).reduce((sum, part) => sum + (part.value.join("").match(/\S+/g)?.length ?? 0), 0);
  return html`${isCounted && html`<p class="muted">+${words("added")} −${words("removed")} words</p>`}<pre class="text words">${parts.map((part, index) => {
    const text = part.value.join("");
    return part.added ? html`<ins key=${index}>${text}</ins>` : part.removed ? html`<del key=${index}>${text}</del>` : html`<span key=${index}>${text}</span>`;
  })}</pre>`;
}
