/**
 * An agent as its turns: each model call with the size of its context and what was added since the one before.
 * @module
 */

import { count, dollars, duration, tokens } from "../format.js";
import { html } from "../html.js";
import { sessionAddress } from "../route.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/calls.js").Calls} Calls */

const ROLES = ["system", "user", "assistant", "tool", "other"];
/** Turns that are listed. */
const MOST = 200;

/**
 * @param {{ session: Session, node: number, calls: Calls | null, select: (node: number) => void }} props
 */
export function AgentTurns({ session, node, calls, select }) {
  const turns = turnsOf(session, node);
  if (turns.length === 0) return html`<p class="empty">No model was called by this agent itself.</p>`;
  const most = Math.max(1, ...turns.map((turn) => session.columns.input[turn] ?? 0));
  return html`
    <p class="muted">Tokens of the context at each turn, by what they are of. What grows is what the agent carries along.</p>
    <ol class="turns">
      ${turns.slice(0, MOST).map((turn, index) => html`<${Turn} key=${session.id(turn)} session=${session} turn=${turn} number=${index + 1}
        before=${turns[index - 1]} next=${turns[index + 1]} calls=${calls} most=${most} select=${select} />`)}
    </ol>
    ${turns.length > MOST && html`<p class="muted">${turns.length - MOST} more turns are not listed.</p>`}
  `;
}

/**
 * Returns the model calls below an agent, but not those of the agents below it.
 * @param {Session} session
 * @param {number} node
 */
export function turnsOf(session, node) {
  const { size } = session.columns;
  const turns = [];
  for (let inner = node + 1; inner < node + size[node]; ) {
    const kind = session.kind(inner);
    if (kind === "llm") turns.push(inner);
    inner += kind === "agent" ? size[inner] : 1;
  }
  return turns;
}

/**
 * @param {{ session: Session, turn: number, number: number, before?: number, next?: number, calls: Calls | null, most: number,
 *   select: (node: number) => void }} props
 */
function Turn({ session, turn, number, before, next, calls, most, select }) {
  const { input, output, cost, took } = session.columns;
  const tools = toolsBetween(session, turn, next);
  const context = calls?.context.get(turn);
  const grown = before === undefined || input[turn] === null || input[before] === null ? null : Number(input[turn]) - Number(input[before]);
  const choose = (/** @type {Event} */ event) => {
    event.preventDefault();
    select(turn);
  };
  return html`<li>
    <p class="turn-head">
      <a href=${sessionAddress(session.columns.id, session.id(turn))} onClick=${choose}>${number}. ${session.title(turn)}</a>
      <span class="muted">${tokens(input[turn], output[turn])}${grown !== null ? ` (${grown < 0 ? "" : "+"}${count(grown)})` : ""} · ${duration(took[turn])} · ${dollars(cost[turn])}</span>
    </p>
    <div class="turn-bar" style=${{ width: `${Math.max((100 * (input[turn] ?? 0)) / most, 0.5)}%` }} role="img"
      aria-label=${`context ${count(input[turn])} tokens${context ? `: ${shares(context)}` : ""}`} title=${context ? shares(context) : ""}>
      ${context ? ROLES.filter((role) => context[role] > 0).map((role) => html`<span class="role-${role}" style=${{ flexGrow: context[role] }}></span>`) : html`<span class="role-other" style=${{ flexGrow: 1 }}></span>`}
    </div>
    ${tools.length > 0 && html`<p class="muted">then ${tools.join(", ")}</p>`}
  </li>`;
}

/** @param {Record<string, number>} context */
function shares(context) {
  const whole = Object.values(context).reduce((sum, length) => sum + length, 0) || 1;
  return ROLES.filter((role) => context[role] > 0).map((role) => `${role} ${Math.round((100 * context[role]) / whole)} %`).join(", ");
}

/**
 * Names of the tools that start between two turns.
 * @param {Session} session
 * @param {number} turn
 * @param {number | undefined} next
 */
function toolsBetween(session, turn, next) {
  const { begin } = session.columns;
  const names = new Map();
  for (const sibling of session.children(session.parents[turn])) {
    const isBetween = begin[sibling] >= session.end(turn) && (next === undefined || begin[sibling] < begin[next]);
    if (isBetween && session.kind(sibling) !== "llm") names.set(session.title(sibling), (names.get(session.title(sibling)) ?? 0) + 1);
  }
  return [...names].map(([name, times]) => (times > 1 ? `${name} ×${times}` : name));
}
