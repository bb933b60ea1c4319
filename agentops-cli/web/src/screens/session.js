/**
 * One session: its tree with the timeline, and the pane of the span that is selected.
 * @module
 */

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { SpanPane, linkTo, tabsOf } from "../detail/span_pane.js";
import { RETRY, isGone, useAnswer, useKept, useKeys, usePoll } from "../hooks.js";
import { html } from "../html.js";
import { Calls } from "../model/calls.js";
import { isOrigin, nextAfter } from "../model/failures.js";
import { TreeState, revealed, rows as rowsOf } from "../model/rows.js";
import { Session } from "../model/session.js";
import { TimeAxis, idleGaps } from "../model/time_axis.js";
import { copy } from "../parts/copy.js";
import { Minimap } from "../parts/minimap.js";
import { Splitter } from "../parts/splitter.js";
import { ROW, TreeGrid } from "../parts/tree_grid.js";
import { address, go, optionsText, replace, replaceOptions, replaceSoon, sessionAddress } from "../route.js";
import { Problem } from "./problem.js";
import { FindBox, HitText, useFound } from "./session_find.js";
import { SessionHead, Strip } from "./session_head.js";
import { SessionTools } from "./session_tools.js";

/** @typedef {import("../route.js").Route} Route */
/** @typedef {import("../model/time_axis.js").Range} Range */

/** Milliseconds between two looks at a session that runs; longer for one that is long. */
const EVERY = 1000;
const SPANS_A_SECOND = 20000;

/** @param {{ route: Route, setGone: (isGone: boolean) => void }} props */
export function SessionScreen({ route, setGone }) {
  const [id, spanId] = route.ids;
  const { session, error, refresh } = useSession(id, setGone);
  if (!session && error) return html`<${Problem} error=${error} />`;
  if (!session) return html`<main class="screen"><p class="muted loading">Reading the session …</p></main>`;
  if (session.length === 0) {
    return html`<main class="screen"><p class="empty">This session has no spans yet. They appear here as they end.</p></main>`;
  }
  return html`<${Loaded} key=${id} session=${session} route=${route} spanId=${spanId} error=${isGone(error) ? null : error} refresh=${refresh} />`;
}

/**
 * @param {string} id
 * @param {(isGone: boolean) => void} setGone
 */
function useSession(id, setGone) {
  const [state, setState] = useState(/** @type {{ id: string, session: Session | null, error: Error | null }} */ ({ id, session: null, error: null }));
  const version = useRef(/** @type {string | undefined} */ (undefined));
  const refresh = usePoll(async () => {
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
  return state.id === id ? { ...state, refresh } : { session: null, error: null, refresh };
}

/**
 * @param {{ session: Session, route: Route, spanId: string | undefined, error: Error | null, refresh: () => void }} props `error` is
 *   why it is read no further
 */
function Loaded({ session, route, spanId, error, refresh }) {
  const [state, setState] = useState(() => new TreeState());
  const [selectedId, setSelectedId] = useState(() => spanId ?? session.id(0));
  const [isFollowing, setFollowing] = useState(false);
  const [width, setWidth] = useKept("detail.width", "440");
  const [wrap, setWrap] = useKept("detail.wrap", "on");
  const { options } = route;
  const id = session.columns.id;

  const selected = useMemo(() => Math.max(session.find(selectedId), 0), [session, selectedId]);
  const isMissing = useMemo(() => spanId !== undefined && session.find(spanId) < 0, [session, spanId]);
  const isDetailShown = spanId !== undefined && !isMissing;

  const select = useCallback((/** @type {number} */ node, /** @type {boolean} */ isQuiet = false) => {
    setState((last) => revealed(session, last, node));
    setSelectedId(session.id(node));
    const next = sessionAddress(id, session.id(node)) + optionsText();
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
  const inContent = options.get("in") === "content";
  const found = useFound(session, query, inContent);
  const hits = found.nodes;
  const hitSet = useMemo(() => new Set(hits), [hits]);

  const callsAnswer = useAnswer(`${id}@${session.isRunning ? "" : session.columns.version}`, () => api.calls(id));
  const calls = useMemo(() => callsAnswer.value && new Calls(callsAnswer.value), [callsAnswer.value]);

  const loops = useMemo(() => calls?.loops((node) => session.kind(node) === "tool") ?? [], [session, calls]);
  const repeats = useMemo(() => new Map(loops.flatMap((loop) => loop.map((node) => [node, loop.length]))), [loops]);

  const isCritical = options.get("crit") === "1";
  const kinds = useMemo(() => kindsOf(session), [session]);
  const toggle = useCallback((/** @type {number} */ node) => setState((last) => toggled(session, last, node)), [session]);
  const jump = useCallback((/** @type {number | undefined} */ node) => node !== undefined && select(node, true), [select]);
  const tab = options.get("tab");
  const nextHit = () => jump(hits.find((node) => node > selected) ?? hits[0]);
  const previousHit = () => jump(hits.findLast((node) => node < selected) ?? hits[hits.length - 1]);

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
      r: () => jump(after(selected, session.length, (node) => repeats.has(node))),
      R: () => jump(before(selected, (node) => repeats.has(node))),
      n: nextHit,
      N: previousHit,
      ".": () => jump(nextAfter(session, selected)),
      z: () => setZoom(around(session, selected)),
      "+": () => setZoom(scaled(axis.range, 0.5, session, selected)),
      "-": () => setZoom(scaled(axis.range, 2, session, selected)),
      0: () => setZoom(null),
      c: () => replaceOptions({ crit: isCritical ? null : "1" }),
      f: () => setFollowing(!isFollowing),
      o: unfold,
      w: () => setWrap(wrap === "on" ? "off" : "on"),
      x: () => void (api.embeddedSession() || go(address("", { x: id }))),
      y: () => void copy(linkTo(id, session.id(selected))).catch(() => {}),
      Escape: () => (isDetailShown ? leaveDetail() : undefined),
      ...Object.fromEntries(tabs.map(({ name }, index) => [String(index + 1), () => replaceOptions({ tab: name })])),
    });
    const action = actions[key];
    action?.();
    return action !== undefined;
  });

  const leaveDetail = () => {
    replace(sessionAddress(id) + optionsText());
    /** @type {HTMLElement | null} */ (document.querySelector(".grid"))?.focus();
  };

  return html`<main class=${`screen session ${isDetailShown ? "with-detail" : ""}`} style=${{ "--detail": `${width}px` }}>
    <${SessionHead} session=${session} />
    ${error && html`<p class="note wide" role="alert">${error.message}. What was read of it stays here.</p>`}
    <${Strip} session=${session} loops=${loops} select=${select} />
    <${Minimap} session=${session} gaps=${foldedGaps} zoom=${zoom} setZoom=${setZoom} />
    <div class="panes">
      <section class=${`tree ${session.hasCost ? "" : "without-cost"} ${session.hasTokens ? "" : "without-sums"}`} aria-label="tree of spans">
        <${SessionTools} kinds=${kinds}
          find=${html`<${FindBox} query=${query} found=${found} inContent=${inContent} selected=${selected} next=${nextHit} previous=${previousHit} />`} hidden=${shownState.hidden} isCritical=${isCritical}
          shutAll=${() => setState((last) => allShut(session, last))} openAll=${() => setState((last) => allOpen(last))}
          gaps=${gaps} isFolding=${isFolding} session=${session} isFollowing=${isFollowing} setFollowing=${setFollowing} />
        <${HitText} hits=${found.hits.get(selected)} />
        ${isMissing && html`<p class="note wide">There is no span ${spanId} in this session${session.isRunning ? " yet" : ""}.</p>`}
        <${TreeGrid} session=${session} rows=${rows} state=${shownState} axis=${axis} selected=${selected} showCritical=${isCritical}
          hits=${hitSet} repeats=${repeats} select=${select} toggle=${toggle} pressed=${pressed} />
      </section>
      <${Splitter} width=${Number(width)} setWidth=${(/** @type {number} */ next) => setWidth(String(next))} />
      <aside class=${`detail wrap-${wrap}`} aria-label="selected span">
        <button type="button" class="back quiet" onClick=${leaveDetail}>‹ Tree</button>
        <${SpanPane} session=${session} node=${selected} calls=${calls} tab=${tab} setTab=${setTab} select=${select} refresh=${refresh} />
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

/** Most of what is folded that one press opens. */
const UNFOLDED = 100;

/** Opens what is folded in the detail, a level with each press; if nothing is, folds all. */
function unfold() {
  const buttons = (/** @type {boolean} */ isOpen) =>
    /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`#tab-panel [aria-expanded=${isOpen}]`));
  const shut = [...buttons(false)];
  for (const button of shut.length > 0 ? shut.slice(0, UNFOLDED) : buttons(true)) button.click();
}

/** The span that started last. @param {Session} session */
function newest(session) {
  const { begin } = session.columns;
  let last = 0;
  for (let node = 1; node < session.length; node += 1) if (begin[node] >= begin[last]) last = node;
  return last;
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
