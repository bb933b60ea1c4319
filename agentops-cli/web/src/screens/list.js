/**
 * The sessions of a folder: a table with filters, search, totals and small charts. What runs stands on top.
 * @module
 */

import { Fragment } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { ago, count, counted, dollars, duration, exactDuration, exactMoment, millis, moment, tokens } from "../format.js";
import { RETRY, isGone, useAnswer, useKept, useKeys, useNow, usePoll } from "../hooks.js";
import { html, memo } from "../html.js";
import { Columns } from "../parts/spark.js";
import { StateMark } from "../parts/state.js";
import { KindMark } from "../parts/kind.js";
import { LongText } from "../parts/json_tree.js";
import { TotalsTable } from "../parts/totals_table.js";
import { diffAddress, go, replaceOptions, sessionAddress } from "../route.js";
import { FaultLine } from "../parts/fault_line.js";

/** @typedef {import("../types.js").Summary} Summary */
/** @typedef {import("../types.js").SearchHit} SearchHit */
/** @typedef {import("../route.js").Route} Route */

/** Milliseconds between two looks at the list, while a session runs and while none does. */
const EVERY = { running: 1000, quiet: 2000 };
/** Sessions that are listed at once, and those of them that are drawn first. */
const PAGE = 200;
const FIRST = 40;
const DAY = 24 * 60 * 60 * 1000;

/** @typedef {{ sessions: Map<string, Summary>, folder: string, paths: string[], version: string | null, faults: import("../types.js").Faults | null, isLoaded: boolean }} Listed */

/** @param {{ route: Route, setGone: (isGone: boolean) => void }} props */
export function ListScreen({ route, setGone }) {
  const { listed, error } = useSessions(setGone);
  const { options } = route;
  const [shown, setShown] = useState(FIRST);
  const now = useNow(true, 1000);
  const query = options.get("q") ?? "";
  const inContent = options.get("in") === "content";
  const all = useMemo(() => [...listed.sessions.values()], [listed]);
  const found = useMemo(() => filtered(all, options, now), [all, options, Math.floor(now / 60000)]);
  const filter = { q: inContent ? null : query, state: options.get("state"), days: options.get("since") };
  const { value: byDay } = useStats("day", filter, listed.version);
  const isSearching = inContent && query !== "";
  const search = useSearch(isSearching ? query : "");
  const hits = isSearching ? search.hits : null;
  const rows = useMemo(() => sorted(hits ? found.filter(({ id }) => hits.has(id)) : found, options.get("sort")), [found, hits, options.get("sort")]);
  const longestTimes = useMemo(() => longest(found), [found]);
  useEffect(() => {
    if (listed.isLoaded && shown === FIRST) setShown(PAGE);
  }, [listed, shown]);
  const picked = (options.get("x") ?? "").split(",").filter((id) => listed.sessions.has(id));
  const pick = useCallback((/** @type {string} */ id) => {
    const next = picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id].slice(-2);
    replaceOptions({ x: next.join(",") || null });
  }, [picked.join()]);
  const [focused, setFocused] = useState(-1);
  const compare = () => picked.length === 2 && go(diffOf(listed.sessions, picked));
  useKeys((key) => {
    const move = (/** @type {number} */ to) => {
      const next = Math.min(Math.max(to, 0), Math.min(rows.length, shown) - 1);
      setFocused(next);
      /** @type {HTMLElement | null} */ (document.querySelector(`[data-row="${next}"] a`))?.focus();
    };
    const actions = /** @type {Record<string, () => void>} */ ({
      j: () => move(focused + 1),
      k: () => move(focused - 1),
      x: () => rows[focused] && pick(rows[focused].id),
      c: compare,
      Escape: () => replaceOptions({ q: null, x: null }),
    });
    const action = actions[key];
    action?.();
    return action !== undefined;
  });
  return html`<main class="screen list">
    <header class="list-head">
      <h1>Sessions <span class="mono muted" title=${listed.paths.join("\n") || undefined}>${listed.folder}</span></h1>
      <${Totals} rows=${found} all=${all.length} sums=${byDay?.all ?? null} />
    </header>
    <${Filters} options=${options} />
    ${all.length > 0 && html`<${Charts} byDay=${byDay} filter=${filter} version=${listed.version} />`}
    ${error && !isGone(error) && html`<p class="problem" role="alert">${error.message}</p>`}
    ${isSearching && html`<${SearchStatus} search=${search} />`}
    <${Table} rows=${rows.slice(0, shown)} longest=${longestTimes} picked=${picked} pick=${pick} sort=${options.get("sort")} now=${now} setFocused=${setFocused} hits=${hits} />
    ${rows.length > shown && html`<p><button type="button" class="quiet" onClick=${() => setShown(shown + PAGE)}>${counted(rows.length - shown, "more session")}</button></p>`}
    ${listed.isLoaded && rows.length === 0 && !isSearching && html`<${Empty} all=${all.length} folder=${listed.folder} />`}
    ${picked.length > 0 && html`<footer class="picked">
      <span>${picked.length} of 2 selected</span>
      <button type="button" class="primary" disabled=${picked.length < 2} onClick=${compare} title="key c">Compare</button>
      ${picked.map((id) => html`<a key=${id} class="quiet" href=${`s/${id}.html`} download=${`session-${id.slice(0, 8)}.html`}>Export ${picked.length > 1 ? id.slice(0, 8) : ""}</a>`)}
      <button type="button" class="quiet" onClick=${() => replaceOptions({ x: null })}>Clear</button>
    </footer>`}
    ${listed.faults && html`<${FaultLine} faults=${listed.faults} />`}
  </main>`;
}

/** @param {(isGone: boolean) => void} setGone */
function useSessions(setGone) {
  const [listed, setListed] = useState(/** @type {Listed} */ ({ sessions: new Map(), folder: "", paths: [], version: null, faults: null, isLoaded: false }));
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  const version = useRef(/** @type {string | undefined} */ (undefined));
  const known = useRef(/** @type {Map<string, Summary>} */ (new Map()));
  usePoll(async () => {
    try {
      const since = version.current;
      const { sessions, gone, folder, paths, faults, whole, version: next } = await api.sessions(since);
      version.current = next;
      setGone(false);
      setError(null);
      if (whole || sessions.length > 0 || gone.length > 0) {
        const merged = new Map(whole ? [] : known.current);
        for (const id of gone) merged.delete(id);
        for (const session of sessions) merged.set(session.id, session);
        known.current = merged;
        setListed({ sessions: merged, folder, paths, version: next, faults, isLoaded: true });
      }
      return [...known.current.values()].some(({ state }) => state === "running") ? EVERY.running : EVERY.quiet;
    } catch (error) {
      // A server that was started anew knows nothing of versions of the one before.
      version.current = undefined;
      setGone(isGone(error));
      setError(/** @type {Error} */ (error));
      return RETRY;
    }
  }, []);
  return { listed, error };
}

/**
 * @param {Summary[]} all
 * @param {URLSearchParams} options
 * @param {number} now
 */
function filtered(all, options, now) {
  const query = options.get("in") === "content" ? "" : (options.get("q") ?? "").toLowerCase();
  const state = options.get("state");
  const days = Number(options.get("since"));
  const matches = (/** @type {Summary} */ session) =>
    (!query || [session.name, session.id, session.user ?? "", ...session.tags, ...session.step].some((text) => text.toLowerCase().includes(query))) &&
    (!state || (state === "failed" ? ["failed", "aborted"].includes(session.state) : session.state === state)) &&
    (!days || now - millis(session.start) <= days * DAY);
  return all.filter(matches);
}

/** @type {Record<string, (one: Summary, other: Summary) => number>} */
const ORDERS = {
  name: (one, other) => one.name.localeCompare(other.name),
  started: newestFirst,
  took: (one, other) => other.took - one.took,
  spans: (one, other) => other.spans - one.spans,
  llm: (one, other) => other.llm - one.llm,
  tokens: (one, other) => (other.input ?? -1) + (other.output ?? 0) - (one.input ?? -1) - (one.output ?? 0),
  cost: (one, other) => (other.cost ?? -1) - (one.cost ?? -1),
  errors: (one, other) => other.errors - one.errors,
};

/**
 * @param {Summary} one
 * @param {Summary} other
 */
function newestFirst(one, other) {
  return one.start.length - other.start.length === 0 ? (one.start < other.start ? 1 : -1) : other.start.length - one.start.length;
}

/**
 * @param {Summary[]} rows
 * @param {string | null} by
 */
function sorted(rows, by) {
  const isRunning = (/** @type {Summary} */ session) => Number(session.state === "running");
  const order = ORDERS[by ?? "started"] ?? newestFirst;
  return [...rows].sort((one, other) => isRunning(other) - isRunning(one) || order(one, other) || newestFirst(one, other));
}

/** Longest time of each name, to which bars are drawn. @param {Summary[]} rows */
function longest(rows) {
  const found = new Map();
  for (const { name, took } of rows) found.set(name, Math.max(found.get(name) ?? 1, took));
  return found;
}

/**
 * @param {Map<string, Summary>} sessions
 * @param {string[]} picked
 */
function diffOf(sessions, picked) {
  const [older, newer] = picked.map((id) => /** @type {Summary} */ (sessions.get(id))).sort((one, other) => -newestFirst(one, other));
  return diffAddress(older.id, newer.id);
}

/**
 * Totals of the sessions that a filter selects, as `agentops stats` adds them up; the last ones until others are there.
 * @param {string} by
 * @param {{ q: string | null, state: string | null, days: string | null }} filter
 * @param {string | null} version of the list; nothing is asked before there is one
 */
function useStats(by, filter, version) {
  const answer = useAnswer(version && JSON.stringify([by, filter, version]), () => api.stats(by, filter));
  const last = useRef(/** @type {{ by: string, value: import("../types.js").StatsDocument | null }} */ ({ by, value: null }));
  if (answer.value || last.current.by !== by) last.current = { by, value: answer.value };
  return { ...answer, value: last.current.value };
}

/** @param {{ rows: Summary[], all: number, sums: import("../types.js").Totals | null }} props */
function Totals({ rows, all, sums }) {
  return html`<p class="facts" role="status">
    <span>${rows.length === all ? counted(all, "session") : `${rows.length.toLocaleString("en")} of ${counted(all, "session")}`}</span>
    ${sums && html`<span>${tokens(sums.input, sums.output)} tokens</span>
    <span>${dollars(sums.cost)}</span>
    ${sums.errors > 0 && html`<span class="error">${counted(sums.errors, "error")}</span>`}`}
  </p>`;
}

const STATES = [["", "all"], ["running", "running"], ["ok", "ok"], ["failed", "failed"]];
const SINCE = [["", "any time"], ["1", "24 h"], ["7", "7 d"], ["30", "30 d"]];

/** @param {{ options: URLSearchParams }} props */
function Filters({ options }) {
  const state = options.get("state") ?? "";
  const typed = (/** @type {any} */ event) => replaceOptions({ q: event.target.value || null });
  const left = (/** @type {any} */ event) => event.key === "Escape" && event.target.blur();
  return html`<div class="toolbar">
    <label class="find wide"><span class="visually-hidden">Search</span>
      <input type="search" data-search placeholder="/ search" value=${options.get("q") ?? ""} onInput=${typed} onKeyDown=${left} /></label>
    <div class="segments" role="radiogroup" aria-label="where to search">
      ${[["", "names"], ["content", "content"]].map(([value, label]) => html`<button type="button" key=${value} role="radio"
        aria-checked=${(options.get("in") ?? "") === value} onClick=${() => replaceOptions({ in: value || null })}>${label}</button>`)}
    </div>
    <div class="segments" role="radiogroup" aria-label="state">
      ${STATES.map(([value, label]) => html`<button type="button" key=${value} role="radio" aria-checked=${state === value}
        onClick=${() => replaceOptions({ state: value || null })}>${label}</button>`)}
    </div>
    <label class="select"><span class="visually-hidden">Started within</span>
      <select value=${options.get("since") ?? ""} onChange=${(/** @type {any} */ event) => replaceOptions({ since: event.target.value || null })}>
        ${SINCE.map(([value, label]) => html`<option key=${value} value=${value} selected=${(options.get("since") ?? "") === value}>${label}</option>`)}
      </select></label>
  </div>`;
}

const HEADS = [
  ["name", "name"], ["started", "started"], ["took", "took"], ["spans", "spans"], ["llm", "model calls"],
  ["tokens", "tokens in → out"], ["cost", "cost"], ["errors", "errors"],
];

/**
 * @param {{ rows: Summary[], longest: Map<string, number>, picked: string[], pick: (id: string) => void, sort: string | null, now: number,
 *   setFocused: (row: number) => void, hits: Map<string, SearchHit[]> | null }} props
 */
function Table({ rows, longest, picked, pick, sort, now, setFocused, hits }) {
  if (rows.length === 0) return null;
  const by = sort ?? "started";
  return html`<div class="table-box" tabindex="0" role="region" aria-label="sessions"><table class="sessions">
    <thead><tr>
      <th scope="col"><span class="visually-hidden">select</span></th>
      ${HEADS.map(([key, label]) => html`<th scope="col" key=${key} class=${`col-${key}`} aria-sort=${by === key ? (key === "name" ? "ascending" : "descending") : undefined}>
        <button type="button" onClick=${() => replaceOptions({ sort: key === "started" ? null : key })}>${label}${by === key ? html`<span aria-hidden="true"> ${key === "name" ? "▴" : "▾"}</span>` : ""}</button></th>`)}
      <th scope="col" class="col-state">state</th>
    </tr></thead>
    <tbody>${rows.map((row, index) => html`<${Fragment} key=${row.id}><${SessionRow} row=${row} index=${index} most=${longest.get(row.name) ?? 1}
      isPicked=${picked.includes(row.id)} pick=${pick} ...${times(row, now)} setFocused=${setFocused} />
      ${hits?.has(row.id) && html`<${HitsRow} hits=${hits.get(row.id)} />`}<//>`)}</tbody>
  </table></div>`;
}

/**
 * What of a row changes with time: how long ago it started, and how long it has taken.
 * @param {Summary} row
 * @param {number} now
 */
function times(row, now) {
  const age = now - millis(row.start);
  const started = age < DAY ? ago(age) : moment(row.start, now);
  return { started, took: row.state === "running" ? Math.max(age * 1e6, 0) : row.took };
}

const SessionRow = memo(DrawnRow);

/**
 * @param {{ row: Summary, index: number, most: number, isPicked: boolean, pick: (id: string) => void, setFocused: (row: number) => void }
 *   & ReturnType<typeof times>} props
 */
function DrawnRow({ row, index, most, isPicked, pick, started, took, setFocused }) {
  return html`<tr data-row=${index} class=${isPicked ? "selected" : ""} onFocusCapture=${() => setFocused(index)}>
    <td><input type="checkbox" checked=${isPicked} onChange=${() => pick(row.id)} aria-label=${`select ${row.name} ${row.id.slice(0, 8)}`} /></td>
    <td class="col-name"><a href=${sessionAddress(row.id)} title=${row.name}>${row.name || "–"}</a>${" "}
      <span class="mono muted">${row.id.slice(0, 8)}</span>${row.tags.map((tag) => html`${" "}<span class="tag" key=${tag}>${tag}</span>`)}${" "}${row.user && html`<span class="muted user">${row.user}</span>`}</td>
    <td title=${exactMoment(row.start)}>${started}</td>
    <td class="col-took" title=${exactDuration(took)}><span class="mini" aria-hidden="true"><span style=${{ width: `${Math.min((100 * took) / most, 100)}%` }}></span></span><span class="took">${duration(took)}</span></td>
    <td>${count(row.spans)}</td>
    <td>${count(row.llm)}</td>
    <td>${tokens(row.input, row.output)}</td>
    <td>${dollars(row.cost)}</td>
    <td class=${row.errors > 0 ? "error" : ""}>${row.errors > 0 ? `✗${count(row.errors)}` : ""}</td>
    <td class="col-state"><${StateMark} state=${row.state} />${row.step.length > 0 && html`<span class="step" title=${row.step.join(" › ")}>${row.step[row.step.length - 1]}</span>`}</td>
  </tr>`;
}

/** @param {{ all: number, folder: string }} props */
function Empty({ all, folder }) {
  if (all > 0) return html`<p class="empty">No session matches. <button type="button" class="quiet" onClick=${() => replaceOptions({ q: null, state: null, since: null })}>Clear the filters</button></p>`;
  return html`<div class="empty">
    <p>Sessions appear here as programs write them to <span class="mono">${folder}</span>.</p>
    <pre class="code">${`let _guard = agentops::init()?;   // in main

#[agentops::session]
fn ask(question: &str) -> String { … }`}</pre>
    <p>Run it, or an example: <code>cargo run -p agentops-examples --example quickstart</code></p>
  </div>`;
}

/**
 * Charts by day, and tables by model, agent, tool or day.
 * @param {{ byDay: import("../types.js").StatsDocument | null, filter: { q: string | null, state: string | null, days: string | null }, version: string | null }} props
 */
function Charts({ byDay, filter, version }) {
  const [isOpen, setOpen] = useKept("charts", innerWidth < 600 ? "shut" : "open");
  const [by, setBy] = useState("");
  return html`<section class="charts" aria-label="totals">
    <button type="button" class="quiet" aria-expanded=${isOpen === "open"} onClick=${() => setOpen(isOpen === "open" ? "shut" : "open")}><span class="twisty" aria-hidden="true">${isOpen === "open" ? "▾" : "▸"}</span> By day</button>
    ${isOpen === "open" && html`<div class="multiples">${byDay && html`<${DayCharts} stats=${byDay} />`}</div>
    <div class="segments" role="group" aria-label="totals by">
      ${["model", "agent", "tool", "day"].map((key) => html`<button type="button" key=${key} aria-pressed=${by === key} onClick=${() => setBy(by === key ? "" : key)}>by ${key}</button>`)}
    </div>
    ${by && html`<${Stats} by=${by} filter=${filter} version=${version} />`}`}
  </section>`;
}

/** @param {{ stats: import("../types.js").StatsDocument }} props */
function DayCharts({ stats }) {
  const days = shownDays(stats.rows);
  const chart = (/** @type {string} */ name, /** @type {(day: Day) => number | null} */ of, /** @type {(day: Day) => string} */ text, total = "") => {
    const titles = days.map((day) => `${day.name}: ${text(day)}`);
    return html`<figure>
      <figcaption>${name} <span class="muted">${total}</span></figcaption>
      <${Columns} values=${days.map(of)} titles=${titles} label=${`${name} by day: ${titles.join(", ")}`} />
      <p class="days" aria-hidden="true"><span>${days[0].name}</span><span>${days[days.length - 1].name}</span></p>
    </figure>`;
  };
  const latency = (/** @type {Day} */ { p50, p95 }) => `p50 ${duration(p50)}, p95 ${duration(p95)}`;
  const { p50, p95, cost } = stats.all;
  return html`
    ${cost !== null && chart("cost per day", ({ cost }) => cost, ({ cost }) => dollars(cost))}
    ${chart("tokens per day", ({ input, output }) => (input ?? 0) + (output ?? 0), ({ input, output }) => tokens(input, output))}
    ${chart("latency", ({ p50 }) => p50, latency, p50 === null ? "" : `p50 ${duration(p50)} · p95 ${duration(p95)}`)}`;
}

/** @typedef {Pick<import("../types.js").Totals, "name" | "input" | "output" | "cost" | "p50" | "p95">} Day */

/** Fewest and most days of a chart. */
const DAYS = { least: 14, most: 30 };

/**
 * Returns the last days in UTC, with those on which nothing ran.
 * @param {Day[]} rows
 * @returns {Day[]}
 */
function shownDays(rows) {
  const days = new Map(rows.map((row) => [row.name, row]));
  const first = rows.reduce((first, { name }) => (name < first ? name : first), "9999");
  const shown = [];
  for (let back = 0; back < DAYS.most; back += 1) {
    const name = new Date(Date.now() - back * DAY).toISOString().slice(0, 10);
    if (back >= DAYS.least && name < first) break;
    shown.unshift(days.get(name) ?? { name, input: null, output: null, cost: null, p50: null, p95: null });
  }
  return shown;
}

/** @param {{ by: string, filter: { q: string | null, state: string | null, days: string | null }, version: string | null }} props */
function Stats({ by, filter, version }) {
  const { value, error } = useStats(by, filter, version);
  if (error) return html`<p class="problem" role="alert">${error.message}</p>`;
  if (!value) return html`<p class="muted">Reading all sessions …</p>`;
  if (value.rows.length === 0) return html`<p class="muted">There are no such calls.</p>`;
  return html`<${TotalsTable} by=${by} rows=${value.rows} />`;
}

/** Milliseconds without a key press after which a search begins. */
const PAUSE = 250;

/** @typedef {{ hits: Map<string, SearchHit[]>, count: number, end: any, error: Error | null }} Search */

/**
 * Searches the contents of all sessions, and sorts the hits by session as they come.
 * @param {string} query nothing is searched for ""
 * @returns {Search}
 */
function useSearch(query) {
  const [state, setState] = useState(/** @type {Search} */ ({ hits: new Map(), count: 0, end: null, error: null }));
  useEffect(() => {
    const stop = new AbortController();
    setState({ hits: new Map(), count: 0, end: null, error: null });
    const found = (/** @type {SearchHit[]} */ hits, /** @type {any} */ end) => setState((last) => {
      const all = new Map(last.hits);
      for (const hit of hits) all.set(hit.session, [...(all.get(hit.session) ?? []), hit]);
      return { ...last, hits: all, count: last.count + hits.length, end };
    });
    const timer = query && setTimeout(() => {
      api.search(query, null, stop.signal, found).catch((error) => stop.signal.aborted || setState((last) => ({ ...last, error })));
    }, PAUSE);
    return () => {
      clearTimeout(timer || undefined);
      stop.abort();
    };
  }, [query]);
  return state;
}

/** @param {{ search: Search }} props */
function SearchStatus({ search: { count, end, error } }) {
  const status = end ? `${counted(count, "hit")}${end.more ? ", and more that are not listed" : ""}` : `${counted(count, "hit")} so far …`;
  return html`<div class="hits-status">
    <p class="muted" role="status">${status}</p>
    ${(error || end?.error) && html`<p class="problem" role="alert">${error ? error.message : end.error}</p>`}
    ${end?.faults && html`<${FaultLine} faults=${end.faults} />`}
  </div>`;
}

/** Hits below their session that are unfolded at once. */
const HITS = 5;

/** @param {{ hits: SearchHit[] }} props */
function HitsRow({ hits }) {
  const [shown, setShown] = useState(HITS);
  return html`<tr class="hits-row"><td colspan="10"><ul class="hits">${hits.slice(0, shown).map((hit, index) => html`<li key=${index}>
      <a href=${sessionAddress(hit.session, hit.span)}><${KindMark} kind=${hit.kind} /> ${hit.name}</a>
      <span class="muted">${hit.field}</span>
      <p><${LongText} text=${hit.before} /><mark>${hit.hit}</mark><${LongText} text=${hit.after} /></p>
    </li>`)}</ul>
    ${hits.length > shown && html`<button type="button" class="quiet" onClick=${() => setShown(Infinity)}>${counted(hits.length - shown, "more hit")}</button>`}
  </td></tr>`;
}
