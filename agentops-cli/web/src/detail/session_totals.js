/**
 * A session by its models, agents and tools.
 * @module
 */

import { count, dollars, duration, percent, tokens } from "../format.js";
import { html } from "../html.js";
import { kindName } from "../parts/kind.js";

/** @typedef {import("../model/session.js").Session} Session */

/** @typedef {{ name: string, calls: number, time: number, input: number | null, output: number | null, cost: number | null, errors: number }} Sum */

/** @param {{ session: Session }} props */
export function SessionTotals({ session }) {
  const models = sums(session, "llm", (node) => session.model(node) ?? session.title(node));
  const tools = sums(session, "tool", (node) => session.title(node));
  const agents = sums(session, "agent", (node) => session.title(node));
  return html`
    <${ByKind} session=${session} />
    <${SumTable} title="Models" sums=${models} hasTokens />
    <${SumTable} title="Agents" sums=${agents} hasTokens />
    <${SumTable} title="Tools" sums=${tools} />
  `;
}

/** @param {{ session: Session }} props */
function ByKind({ session }) {
  const whole = session.columns.by_kind.reduce((sum, { time }) => sum + time, 0);
  return html`<section>
    <h3>Time on the critical path</h3>
    <table class="sums"><tbody>
      ${session.columns.by_kind.map(({ kind, time }) => html`<tr key=${kind}>
        <th scope="row">${kind === "session" ? "own code" : kindName(kind)}</th><td>${duration(time)}</td><td>${percent(time, whole)}</td>
      </tr>`)}
    </tbody></table>
  </section>`;
}

/**
 * @param {Session} session
 * @param {string} kind
 * @param {(node: number) => string} nameOf
 * @returns {Sum[]}
 */
function sums(session, kind, nameOf) {
  const { took, input, output, cost, error } = session.columns;
  const add = (/** @type {number | null} */ sum, /** @type {number | null} */ value) => (value === null ? sum : (sum ?? 0) + value);
  /** @type {Map<string, Sum>} */
  const found = new Map();
  for (let node = 0; node < session.length; node += 1) {
    if (session.kind(node) !== kind || session.isOpen(node)) continue;
    const name = nameOf(node);
    const sum = found.get(name) ?? { name, calls: 0, time: 0, input: null, output: null, cost: null, errors: 0 };
    sum.calls += 1;
    sum.time += took[node];
    sum.input = add(sum.input, input[node]);
    sum.output = add(sum.output, output[node]);
    sum.cost = add(sum.cost, cost[node]);
    sum.errors += error[node] >= 0 ? 1 : 0;
    found.set(name, sum);
  }
  return [...found.values()].sort((one, other) => (other.cost ?? 0) - (one.cost ?? 0) || other.time - one.time);
}

/** @param {{ title: string, sums: Sum[], hasTokens?: boolean }} props */
function SumTable({ title, sums, hasTokens = false }) {
  if (sums.length === 0) return null;
  return html`<section>
    <h3>${title}</h3>
    <table class="sums">
      <thead><tr><th scope="col">name</th><th scope="col">calls</th><th scope="col">time</th>
        ${hasTokens && html`<th scope="col">tokens</th><th scope="col">cost</th>`}<th scope="col">errors</th></tr></thead>
      <tbody>${sums.map((sum) => html`<tr key=${sum.name}>
        <th scope="row">${sum.name}</th><td>${count(sum.calls)}</td><td>${duration(sum.time)}</td>
        ${hasTokens && html`<td>${tokens(sum.input, sum.output)}</td><td>${dollars(sum.cost)}</td>`}
        <td class=${sum.errors > 0 ? "error" : ""}>${sum.errors > 0 ? sum.errors : ""}</td>
      </tr>`)}</tbody>
    </table>
  </section>`;
}
