/**
 * Find in a session: in names, which the page has, or in all contents, which the server searches.
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import * as api from "../api.js";
import { counted } from "../format.js";
import { html } from "../html.js";
import { find } from "../model/find.js";
import { replaceOptions } from "../route.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../types.js").SearchHit} SearchHit */

/**
 * Nodes with a hit in the order of the tree, with the hits of each if contents were searched.
 * @typedef {{ nodes: number[], hits: Map<number, SearchHit[]>, isSearching: boolean, problem: string | null }} Found
 */

/** Milliseconds without a key after which contents are searched. */
const PAUSE = 200;

/**
 * @param {Session} session
 * @param {string} query
 * @param {boolean} inContent
 * @returns {Found}
 */
export function useFound(session, query, inContent) {
  const names = useMemo(() => (inContent ? [] : find(session, query)), [session, query, inContent]);
  const content = useContent(session, inContent ? query : "");
  const inContents = useMemo(() => {
    /** @type {Map<number, SearchHit[]>} */
    const hits = new Map();
    for (const hit of content.hits) {
      const node = session.find(hit.span);
      if (node >= 0) hits.set(node, [...(hits.get(node) ?? []), hit]);
    }
    return { nodes: [...hits.keys()].sort((one, other) => one - other), hits };
  }, [session, content.hits]);
  return inContent ? { ...inContents, isSearching: content.isSearching, problem: content.problem } : { nodes: names, hits: NO_HITS, isSearching: false, problem: null };
}

/** @type {Map<number, SearchHit[]>} */
const NO_HITS = new Map();
const NOTHING = { hits: /** @type {SearchHit[]} */ ([]), isSearching: false, problem: /** @type {string | null} */ (null) };

/**
 * @param {Session} session
 * @param {string} text nothing is searched for an empty one
 */
function useContent(session, text) {
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    setFound({ ...NOTHING, isSearching: text !== "" });
    if (!text) return undefined;
    const stop = new AbortController();
    const add = (/** @type {SearchHit[]} */ hits, /** @type {{ more: boolean, error: string | null } | null} */ end) =>
      stop.signal.aborted || setFound((last) => ({
        hits: [...last.hits, ...hits],
        isSearching: !end,
        problem: end?.error ?? (end?.more ? "only the first 1,000 hits are shown" : null),
      }));
    const timer = setTimeout(() => api.search(text, session.columns.id, stop.signal, add).catch((error) =>
      stop.signal.aborted || setFound({ ...NOTHING, problem: error.message })), PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, session.columns.id, session.length]);
  return found;
}

/**
 * @param {{ query: string, found: Found, inContent: boolean, selected: number, next: () => void, previous: () => void }} props
 */
export function FindBox({ query, found, inContent, selected, next, previous }) {
  const { nodes, isSearching, problem } = found;
  const place = nodes.indexOf(selected);
  const said = isSearching && nodes.length === 0 ? "searching …" : nodes.length === 0 ? "no hit" : place >= 0 ? `hit ${place + 1} of ${nodes.length}` : counted(nodes.length, "hit");
  const typed = (/** @type {any} */ event) => replaceOptions({ q: event.target.value || null });
  const entered = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") (event.shiftKey ? previous : next)();
    else if (event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
    else return;
    event.preventDefault();
  };
  return html`<label class="find"><span class="visually-hidden">Find in session</span>
      <input type="search" data-search placeholder="/ find in session" value=${query} onInput=${typed} onKeyDown=${entered} /></label>
    ${(query || inContent) && html`<button type="button" class="quiet" aria-pressed=${inContent} title="search inputs, outputs, messages, events and errors, too"
      onClick=${() => replaceOptions({ in: inContent ? null : "content" })}>In contents</button>`}
    ${query && html`<span class="muted" role="status">${said}</span>`}
    ${problem && html`<span class="problem">${problem}</span>`}`;
}

/**
 * What was found in the contents of the selected span.
 * @param {{ hits: SearchHit[] | undefined }} props
 */
export function HitText({ hits }) {
  if (!hits) return null;
  const [{ field, before, hit, after }] = hits;
  return html`<p class="hit-text"><span class="muted">${field}</span> ${before}<mark>${hit}</mark>${after}
    ${hits.length > 1 && html`<span class="muted"> · ${hits.length - 1} more in this span</span>`}</p>`;
}
