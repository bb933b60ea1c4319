/**
 * One session: its tree with the timeline, and the pane of the span that is selected.
 * @module
 */

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { SpanPane, linkTo, nextAfter, tabsOf } from "../detail/span_pane.js";
import { counted, dollars, duration, exactDuration, exactMoment, moment, percent, tokens } from "../format.js";
import { RETRY, isGone, useAnswer, useKept, useKeys, useNow, usePoll } from "../hooks.js";
import { html, memo } from "../html.js";
import { Calls } from "../model/calls.js";
import { find } from "../model/find.js";
import { TreeState, revealed, rows as rowsOf } from "../model/rows.js";
import { Session } from "../model/session.js";
import { TimeAxis, idleGaps } from "../model/time_axis.js";
import { copy } from "../parts/copy.js";
import { KindMark, kindClass, kindName } from "../parts/kind.js";
import { Minimap } from "../parts/minimap.js";
import { Splitter } from "../parts/splitter.js";
import { StateMark } from "../parts/state.js";
import { ROW, TreeGrid } from "../parts/tree_grid.js";
import { address, go, replace, replaceOptions, replaceSoon, sessionAddress } from "../route.js";
import { Problem } from "./problem.js";

/** @typedef {import("../route.js").Route} Route */
/** @typedef {import("../model/time_axis.js").Range} Range */

/** Milliseconds between two looks at a session that runs; longer for one that is long. */
const EVERY = 1000;
const SPANS_A_SECOND = 20000;

/** @param {{ route: Route, setGone: (isGone: boolean) => void }} props */
export function SessionScreen({ route, setGone }) {
  const [id, spanId] = route.ids;
  const { session, error } = useSession(id, setGone);
  if (!session && error) return html`<${Problem} error=${error} />`;
  if (!session) return html`<main class="screen"><p class="muted loading">Reading the session …</p></main>`;
  if (session.length === 0) {
    return html`<main class="screen"><p class="empty">This session has no spans yet. They appear here as they end.</p></main>`;
  }
  return html`<${Loaded} key=${id} session=${session} route=${route} spanId=${spanId} />`;
}

/**
 * @param {string} id
 * @param {(isGone: boolean) => void} setGone
 */
function useSession(id, setGone) {
  const [state, setState] = useState(/** @type {{ id: string, session: Session | null, error: Error | null }} */ ({ id, session: null, error: null }));
  const version = useRef(/** @type {string | undefined} */ (undefined));
  usePoll(async () => {
    try {
      const columns = await api.session(id, version.current);
      setGone(false);
      if (columns) {
        version.current = columns.version;
        setState({ id, session: new Session(columns), error: null });
        if (columns.state !== "running") return api.embeddedSession() ? null : 5 * EVERY;
        return Math.max(EVERY, (EVERY * columns.nodes) / SPANS_A_SECOND);
      }
      return EVERY;
    } catch (error) {
      setGone(isGone(error));
      setState((last) => ({ ...last, id, error: /** @type {Error} */ (error) }));
      return RETRY;
    }
  }, [id]);
  useEffect(() => () => void (version.current = undefined), [id]);
  return state.id === id ? state : { session: null, error: null };
}

/** @param {{ session: Session, route: Route, spanId: string | undefined }} props */
function Loaded({ session, route, spanId }) {
  const [state, setState] = useState(() => new TreeState());
  const [selectedId, setSelectedId] = useState(() => spanId ?? session.id(0));
  const [isFollowing, setFollowing] = useState(false);
  const [width, setWidth] = useKept("detail.width", "440");
  const { options } = route;
  const id = session.columns.id;

  const selected = useMemo(() => Math.max(session.find(selectedId), 0), [session, selectedId]);
  const isMissing = useMemo(() => spanId !== undefined && session.find(spanId) < 0, [session, spanId]);
  const isDetailShown = spanId !== undefined && !isMissing;

  const select = useCallback((/** @type {number} */ node, /** @type {boolean} */ isQuiet = false) => {
    setState((last) => revealed(session, last, node));
    setSelectedId(session.id(node));
    const next = sessionAddress(id, session.id(node)) + optionsOf();
    if (isQuiet) replaceSoon(next);
    else go(next);
  }, [session, id]);

  // The way back, or a link, selects another span.
  useEffect(() => {
    const node = spanId === undefined ? -1 : session.find(spanId);
    if (node < 0 || session.id(node) === selectedId) return;
    setState((last) => revealed(session, last, node));
    setSelectedId(session.id(node));
  }, [spanId]);
  useEffect(() => {
    const node = spanId === undefined ? -1 : session.find(spanId);
    if (node >= 0) setState((last) => revealed(session, last, node));
  }, []);
  useEffect(() => {
    if (isFollowing) setSelectedId(session.id(newest(session)));
  }, [session, isFollowing]);

  const hidden = options.get("hide") ?? "";
  const shownState = useMemo(() => {
    const shown = state.copy();
    shown.hidden = new Set(hidden.split(",").filter(Boolean));
    return shown;
  }, [state, hidden]);
  const rows = useMemo(() => rowsOf(session, shownState), [session, shownState]);

  const gaps = useMemo(() => idleGaps(session), [session]);
  const isFolding = options.get("gaps") === "fold";
  const foldedGaps = isFolding ? gaps : NO_GAPS;
  const zoom = useMemo(() => parseZoom(options.get("zoom")), [options.get("zoom")]);
  const axis = useMemo(() => new TimeAxis(zoom ?? session.span, foldedGaps), [session, zoom, foldedGaps]);

  const query = options.get("q") ?? "";
  const hits = useMemo(() => find(session, query), [session, query]);
  const hitSet = useMemo(() => new Set(hits), [hits]);

  const callsAnswer = useAnswer(`${id}@${session.isRunning ? "" : session.columns.version}`, () => api.calls(id));
  const calls = useMemo(() => callsAnswer.value && new Calls(callsAnswer.value), [callsAnswer.value]);

  const isCritical = options.get("crit") === "1";
  const kinds = useMemo(() => kindsOf(session), [session]);
  const toggle = useCallback((/** @type {number} */ node) => setState((last) => toggled(session, last, node)), [session]);
  const jump = useCallback((/** @type {number | undefined} */ node) => node !== undefined && select(node, true), [select]);
  const tab = options.get("tab");

  const pressed = (/** @type {string} */ key, /** @type {KeyboardEvent} */ event) => {
    const at = rows.at(selected);
    const row = (/** @type {number} */ index) => jump(rows.nodes[Math.min(Math.max(index, 0), rows.length - 1)]);
    const page = Math.max(Math.floor((/** @type {HTMLElement} */ (event.target).clientHeight || 480) / ROW) - 1, 1);
    const moves = /** @type {Record<string, () => void>} */ ({
      ArrowDown: () => row(at + 1),
      j: () => row(at + 1),
      ArrowUp: () => row(at - 1),
      k: () => row(at - 1),
      Home: () => row(0),
      End: () => row(rows.length - 1),
      PageDown: () => row(at + page),
      PageUp: () => row(at - page),
      ArrowRight: () => (isShut(session, shownState, rows, at) ? toggle(selected) : session.hasChildren(selected) && row(at + 1)),
      ArrowLeft: () => {
        if (event.shiftKey) return setState((last) => allShut(session, last));
        if (session.hasChildren(selected) && !isShut(session, shownState, rows, at)) return toggle(selected);
        return session.parents[selected] >= 0 && jump(session.parents[selected]);
      },
      "*": () => setState((last) => siblingsOpen(session, last, selected)),
      Enter: () => {
        select(selected);
        document.getElementById("tab-panel")?.focus();
      },
    });
    const move = moves[key];
    move?.();
    return move !== undefined;
  };

  useKeys((key) => {
    const tabs = tabsOf(session.kind(selected));
    const actions = /** @type {Record<string, () => void>} */ ({
      e: () => jump(after(selected, session.length, (node) => isOrigin(session, node))),
      E: () => jump(before(selected, (node) => isOrigin(session, node))),
      m: () => jump(after(selected, session.length, (node) => session.kind(node) === "llm")),
      M: () => jump(before(selected, (node) => session.kind(node) === "llm")),
      n: () => jump(hits.find((node) => node > selected) ?? hits[0]),
      N: () => jump(hits.findLast((node) => node < selected) ?? hits[hits.length - 1]),
      ".": () => session.error(selected) !== null && jump(nextAfter(session, selected)),
      z: () => setZoom(around(session, selected)),
      "+": () => setZoom(scaled(axis.range, 0.5, session, selected)),
      "-": () => setZoom(scaled(axis.range, 2, session, selected)),
      0: () => setZoom(null),
      c: () => replaceOptions({ crit: isCritical ? null : "1" }),
      f: () => setFollowing(!isFollowing),
      y: () => void copy(linkTo(id, session.id(selected))),
      Escape: () => (isDetailShown ? leaveDetail() : undefined),
      ...Object.fromEntries(tabs.map(({ name }, index) => [String(index + 1), () => replaceOptions({ tab: name })])),
    });
    const action = actions[key];
    action?.();
    return action !== undefined;
  });

  const leaveDetail = () => {
    replace(sessionAddress(id) + optionsOf());
    /** @type {HTMLElement | null} */ (document.querySelector(".grid"))?.focus();
  };

  return html`<main class=${`screen session ${isDetailShown ? "with-detail" : ""}`} style=${{ "--detail": `${width}px` }}>
    <${Head} session=${session} calls=${calls} />
    <${Strip} session=${session} jump=${jump} />
    <${Minimap} session=${session} gaps=${foldedGaps} zoom=${zoom} setZoom=${setZoom} />
    <div class="panes">
      <section class=${`tree ${session.hasCost ? "" : "without-cost"} ${session.hasTokens ? "" : "without-sums"}`} aria-label="tree of spans">
        <${Bar} query=${query} hits=${hits} selected=${selected} kinds=${kinds} hidden=${shownState.hidden} isCritical=${isCritical}
          shutAll=${() => setState((last) => allShut(session, last))} openAll=${() => setState((last) => allOpen(last))}
          gaps=${gaps} isFolding=${isFolding} session=${session} isFollowing=${isFollowing} setFollowing=${setFollowing} jump=${jump} />
        ${isMissing && html`<p class="note wide">There is no span ${spanId} in this session${session.isRunning ? " yet" : ""}.</p>`}
        <${TreeGrid} session=${session} rows=${rows} state=${shownState} axis=${axis} selected=${selected} showCritical=${isCritical}
          hits=${hitSet} select=${select} toggle=${toggle} pressed=${pressed} />
      </section>
      <${Splitter} width=${Number(width)} setWidth=${(/** @type {number} */ next) => setWidth(String(next))} />
      <aside class="detail" aria-label="selected span">
        <button type="button" class="back quiet" onClick=${leaveDetail}>‹ Tree</button>
        <${SpanPane} session=${session} node=${selected} calls=${calls} tab=${tab} setTab=${setTab} select=${select} />
      </aside>
    </div>
  </main>`;
}

/** @type {Range[]} */
const NO_GAPS = [];

/** @param {Range | null} range */
function setZoom(range) {
  replaceOptions({ zoom: range && `${Math.round(range.from)}-${Math.round(range.to)}` });
}

/** @param {string} name */
function setTab(name) {
  replaceOptions({ tab: name });
}

/** Options of the address that stay when another span is selected. */
function optionsOf() {
  const at = location.hash.indexOf("?");
  return at < 0 ? "" : location.hash.slice(at);
}

/** @param {string | null} text */
function parseZoom(text) {
  const match = /^(-?\d+)-(-?\d+)$/.exec(text ?? "");
  const [from, to] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return to > from ? { from, to } : null;
}

/** @param {Session} session */
function kindsOf(session) {
  const found = new Set(session.columns.kind);
  return [...found].map((index) => session.columns.strings[index]).sort();
}

/** The span that started last. @param {Session} session */
function newest(session) {
  const { begin } = session.columns;
  let last = 0;
  for (let node = 1; node < session.length; node += 1) if (begin[node] >= begin[last]) last = node;
  return last;
}

/**
 * A failed span in which the failure began: none of those right below it failed.
 * @param {Session} session
 * @param {number} node
 */
function isOrigin(session, node) {
  if (session.error(node) === null) return false;
  for (const child of session.children(node)) if (session.error(child) !== null) return false;
  return true;
}

/**
 * @param {number} node
 * @param {number} length
 * @param {(node: number) => boolean} matches
 */
function after(node, length, matches) {
  for (let step = 1; step <= length; step += 1) {
    const next = (node + step) % length;
    if (matches(next)) return next;
  }
  return undefined;
}

/**
 * @param {number} node
 * @param {(node: number) => boolean} matches
 */
function before(node, matches) {
  for (let next = node - 1; next >= 0; next -= 1) if (matches(next)) return next;
  return undefined;
}

/**
 * @param {Session} session
 * @param {number} node
 */
function around(session, node) {
  const [from, to] = [session.columns.begin[node], session.isOpen(node) ? session.span.to : session.end(node)];
  const margin = Math.max((to - from) * 0.05, 1);
  return { from: from - margin, to: to + margin };
}

/**
 * @param {Range} range
 * @param {number} factor
 * @param {Session} session
 * @param {number} node
 */
function scaled(range, factor, session, node) {
  const length = (range.to - range.from) * factor;
  const whole = session.span.to - session.span.from;
  if (length >= whole) return null;
  const middle = session.columns.begin[node] + session.columns.took[node] / 2;
  const from = Math.min(Math.max(middle - length / 2, session.span.from), session.span.to - length);
  return { from, to: from + Math.max(length, 10) };
}

/**
 * @param {Session} session
 * @param {TreeState} state
 * @param {import("../model/rows.js").Rows} rows
 * @param {number} at
 */
function isShut(session, state, rows, at) {
  return rows.folded[at] > 0 || (session.hasChildren(rows.nodes[at]) && state.shut.has(session.id(rows.nodes[at])));
}

/**
 * @param {Session} session
 * @param {TreeState} state
 * @param {number} node
 */
function toggled(session, state, node) {
  const next = state.copy();
  const id = session.id(node);
  const set = session.hasChildren(node) ? next.shut : next.unfolded;
  if (!set.delete(id)) set.add(id);
  return next;
}

/**
 * @param {Session} session
 * @param {TreeState} state
 */
function allShut(session, state) {
  const next = state.copy();
  for (let node = 1; node < session.length; node += 1) if (session.hasChildren(node)) next.shut.add(session.id(node));
  next.unfolded.clear();
  return next;
}

/** @param {TreeState} state */
function allOpen(state) {
  const next = state.copy();
  next.shut.clear();
  return next;
}

/**
 * @param {Session} session
 * @param {TreeState} state
 * @param {number} node
 */
function siblingsOpen(session, state, node) {
  const next = state.copy();
  const parent = session.parents[node];
  if (parent < 0) next.shut.delete(session.id(node));
  else for (const sibling of session.children(parent)) next.shut.delete(session.id(sibling));
  return next;
}

// A key press draws the rows and the pane, not what stands above.
const Head = memo(DrawnHead);
const Strip = memo(DrawnStrip);

/** @param {{ session: Session, calls: Calls | null }} props */
function DrawnHead({ session }) {
  const { columns } = session;
  const now = useNow(session.isRunning);
  const sent = Number(BigInt(columns.now) - BigInt(columns.start));
  const runs = session.isRunning ? sent + (now - Number(BigInt(columns.now) / 1000000n)) * 1e6 : columns.took[0];
  const isEmbedded = api.embeddedSession();
  return html`<header class="session-head">
    ${!isEmbedded && html`<a class="quiet" href="#/">‹ Sessions</a>`}
    <h1>${columns.name || "–"} <span class="mono muted" title=${columns.id}>${columns.id.slice(0, 8)}</span></h1>
    <p class="facts">
      <${StateMark} state=${columns.state} />
      ${columns.step.length > 0 && html`<span class="step">${columns.step.join(" › ")}</span>`}
      <span title=${exactMoment(columns.start)}>${moment(columns.start)}</span>
      <span title=${exactDuration(runs)}>${duration(Math.max(runs, 0))}</span>
      <span>${counted(columns.nodes, "span")}</span>
      <span>${tokens(columns.input[0], columns.output[0])} tokens</span>
      <span>${dollars(columns.cost[0])}</span>
      ${columns.errors[0] > 0 && html`<span class="error">✗${columns.errors[0]}<span class="visually-hidden"> failed</span></span>`}
      ${columns.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
    </p>
    ${columns.faults && html`<${FaultLine} faults=${columns.faults} />`}
    ${!isEmbedded && html`<p class="actions"><a href=${address("", { x: columns.id })}>Compare</a>
      <a href=${`s/${columns.id}.html`} download=${`${columns.name || "session"}-${columns.id.slice(0, 8)}.html`}>Export page</a>
      <a href=${`s/${columns.id}.md`}>Markdown</a>
      <a href=${`s/${columns.id}.jsonl`} download>OTLP</a></p>`}
    ${isEmbedded && html`<p class="muted">${isEmbedded.about}</p>`}
  </header>`;
}

/** @param {{ faults: import("../types.js").Faults }} props */
export function FaultLine({ faults }) {
  return html`<details class="faults"><summary>${counted(faults.count, "thing")} could not be read</summary>
    <ul>${faults.text.map((text) => html`<li key=${text}>${text}</li>`)}</ul></details>`;
}

/**
 * Time by kind on the critical path, and the failures with what came next.
 * @param {{ session: Session, jump: (node: number | undefined) => void }} props
 */
function DrawnStrip({ session, jump }) {
  const { by_kind: kinds } = session.columns;
  const whole = kinds.reduce((sum, { time }) => sum + time, 0);
  const name = (/** @type {string} */ kind) => (kind === "session" ? "own code" : `${kindName(kind)}s`);
  const failure = useMemo(() => {
    for (let node = 0; node < session.length; node += 1) if (isOrigin(session, node)) return node;
    return undefined;
  }, [session]);
  const next = failure === undefined ? undefined : nextAfter(session, failure);
  if (whole === 0) return null;
  const text = kinds.map(({ kind, time }) => `${name(kind)} ${percent(time, whole)}`).join(", ");
  return html`<div class="strip">
    <div class="kind-bar" role="img" aria-label=${`critical path: ${text}`} title=${text}>
      ${kinds.map(({ kind, time }) => html`<span key=${kind} class=${kind === "session" ? "own" : kindClass(kind)} style=${{ flexGrow: time }}></span>`)}
    </div>
    <span class="muted">${text}</span>
    ${failure !== undefined && html`<button type="button" class="quiet error" onClick=${() => jump(failure)} title="key e">
      ✗ ${session.title(failure)} failed${next === undefined ? "" : `, then went on with ${session.title(next)}`}</button>`}
  </div>`;
}

/**
 * @param {{ query: string, hits: number[], selected: number, kinds: string[], hidden: Set<string>, isCritical: boolean, shutAll: () => void,
 *   openAll: () => void, gaps: Range[], isFolding: boolean, session: Session, isFollowing: boolean, setFollowing: (on: boolean) => void,
 *   jump: (node: number | undefined) => void }} props
 */
function Bar(props) {
  const { query, hits, selected, kinds, hidden, isCritical, shutAll, openAll, gaps, isFolding, session, isFollowing, setFollowing, jump } = props;
  const place = hits.indexOf(selected);
  const idle = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const whole = session.span.to - session.span.from;
  const flip = (/** @type {string} */ kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    replaceOptions({ hide: [...next].join(",") || null });
  };
  const typed = (/** @type {any} */ event) => replaceOptions({ q: event.target.value || null });
  const entered = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") jump(event.shiftKey ? (hits.findLast((node) => node < selected) ?? hits[hits.length - 1]) : (hits.find((node) => node > selected) ?? hits[0]));
    else if (event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
    else return;
    event.preventDefault();
  };
  return html`<div class="toolbar">
    <label class="find"><span class="visually-hidden">Find in session</span>
      <input type="search" data-search placeholder="/ find in session" value=${query} onInput=${typed} onKeyDown=${entered} /></label>
    ${query && html`<span class="muted" role="status">${hits.length === 0 ? "no hit" : place >= 0 ? `hit ${place + 1} of ${hits.length}` : counted(hits.length, "hit")}</span>`}
    <div class="kinds" role="group" aria-label="kinds that are shown">
      ${kinds.map((kind) => html`<button type="button" key=${kind} class="kind-toggle" aria-pressed=${!hidden.has(kind)} title=${`${kindName(kind)}s`} onClick=${() => flip(kind)}>
        <${KindMark} kind=${kind} /><span class="visually-hidden">${kindName(kind)}</span></button>`)}
    </div>
    <button type="button" class="quiet" onClick=${shutAll} title="⇧←">Shut all</button>
    <button type="button" class="quiet" onClick=${openAll}>Open all</button>
    <button type="button" class="quiet" aria-pressed=${isCritical} title="key c" onClick=${() => replaceOptions({ crit: isCritical ? null : "1" })}>Critical path</button>
    ${gaps.length > 0 && html`<button type="button" class="quiet" aria-pressed=${isFolding} onClick=${() => replaceOptions({ gaps: isFolding ? null : "fold" })}
      title=${`${duration(idle)} of ${duration(whole)} without work`}>Fold ${counted(gaps.length, "gap")} (${percent(idle, whole)} idle)</button>`}
    ${session.isRunning && html`<button type="button" class="quiet" aria-pressed=${isFollowing} title="key f" onClick=${() => setFollowing(!isFollowing)}>Follow</button>`}
  </div>`;
}
