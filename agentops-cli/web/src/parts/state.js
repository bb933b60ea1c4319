/**
 * The state of a session, by a word and a mark.
 * @module
 */

import { html } from "../html.js";

/** @type {Record<string, { word: string, mark: string, tone: string }>} */
const STATES = {
  running: { word: "running", mark: "●", tone: "runs" },
  ok: { word: "ok", mark: "✓", tone: "ok" },
  failed: { word: "failed", mark: "✗", tone: "error" },
  aborted: { word: "aborted", mark: "✗", tone: "error" },
  indeterminate: { word: "cancelled", mark: "–", tone: "warn" },
  shutdown: { word: "shut down", mark: "–", tone: "warn" },
  unfinished: { word: "no end", mark: "?", tone: "warn" },
};

/** @param {{ state: string }} props */
export function StateMark({ state }) {
  const { word, mark, tone } = STATES[state] ?? { word: state, mark: "?", tone: "warn" };
  return html`<span class=${`state ${tone}`}><span aria-hidden="true">${mark}</span> ${word}</span>`;
}
