/**
 * A session by its models, agents and tools, with the numbers of `agentops stats`.
 * @module
 */

import { useRef } from "preact/hooks";
import { totals } from "../api.js";
import { duration, percent } from "../format.js";
import { useAnswer } from "../hooks.js";
import { html } from "../html.js";
import { kindName } from "../parts/kind.js";
import { TotalsTable } from "../parts/totals_table.js";

/** @typedef {import("../model/session.js").Session} Session */

/** @param {{ session: Session }} props */
export function SessionTotals({ session }) {
  const { id, version } = session.columns;
  const { value, error } = useAnswer(`${id} ${version}`, () => totals(id));
  const last = useRef(value);
  last.current = value ?? last.current;
  return html`
    <${ByKind} session=${session} />
    ${error && html`<p class="problem" role="alert">${error.message}</p>`}
    ${GROUPS.map(([by, title]) => {
      const rows = last.current?.[by].rows ?? [];
      return rows.length > 0 && html`<section key=${by}><h3>${title}</h3><${TotalsTable} by=${by} rows=${rows} /></section>`;
    })}
  `;
}

/** @type {["model" | "agent" | "tool", string][]} */
const GROUPS = [["model", "Models"], ["agent", "Agents"], ["tool", "Tools"]];

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
