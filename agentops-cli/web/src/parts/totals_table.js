/**
 * Totals as a table, with the numbers and the columns of `agentops stats`.
 * @module
 */

import { count, dollars, duration, tokens } from "../format.js";
import { html } from "../html.js";

/** @typedef {import("../types.js").Totals} Totals */

/** Heads of the first number: days have sessions, agents have runs. @type {Record<string, string>} */
const CALLS = { agent: "runs", day: "sessions" };

/** @param {{ by: string, rows: Totals[] }} props */
export function TotalsTable({ by, rows }) {
  const hasTokens = rows.some(({ input, output }) => input !== null || output !== null);
  const hasCost = rows.some(({ cost }) => cost !== null);
  const hasErrors = rows.some(({ errors }) => errors > 0);
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${`totals by ${by}`}><table class="sums">
    <thead><tr><th scope="col">${by}</th><th scope="col">${CALLS[by] ?? "calls"}</th>
      ${hasTokens && html`<th scope="col">tokens</th>`}${hasCost && html`<th scope="col">cost</th>`}
      <th scope="col">p50</th><th scope="col">p95</th>${hasErrors && html`<th scope="col">errors</th>`}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.name}><th scope="row">${row.name}</th><td>${count(row.calls)}</td>
      ${hasTokens && html`<td>${tokens(row.input, row.output)}</td>`}${hasCost && html`<td>${dollars(row.cost)}</td>`}
      <td>${duration(row.p50)}</td><td>${duration(row.p95)}</td>
      ${hasErrors && html`<td class=${row.errors > 0 ? "error" : ""}>${row.errors > 0 ? count(row.errors) : ""}</td>`}</tr>`)}</tbody>
  </table></div>`;
}
