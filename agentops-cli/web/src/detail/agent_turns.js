/**
 * An agent as its turns: each model call with the size of its context and what was added since the one before.
 * @module
 */

import { count, dollars, duration, percent, tokens } from "../format.js";
import { html } from "../html.js";
import { ContextBar } from "../parts/context_bar.js";
import { SpanLink } from "../parts/span_link.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/calls.js").Calls} Calls */

/** Turns that are listed, and most of what was added in one. */
const MOST = 200;
const LISTED = 4;

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
function turnsOf(session, node) {
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
  const grown = before === undefined || input[turn] === null || input[before] === null ? null : Number(input[turn]) - Number(input[before]);
  return html`<li>
    <p class="turn-head">
      <${SpanLink} session=${session} node=${turn} select=${select}>${number}. ${session.title(turn)}<//>
      <span class="muted">${tokens(input[turn], output[turn])}${grown !== null ? ` (${grown < 0 ? "" : "+"}${count(grown)})` : ""} · ${duration(took[turn])} · ${dollars(cost[turn])}</span>
    </p>
    <${ContextBar} context=${calls?.context.get(turn)} label=${`context ${count(input[turn])} tokens`} width=${(input[turn] ?? 0) / most} />
    <${Added} session=${session} turn=${turn} calls=${calls} />
    ${tools.length > 0 && html`<p class="muted">then ${tools.join(", ")}</p>`}
  </li>`;
}

/**
 * What brought the growth: who wrote how much of what is new.
 * @param {{ session: Session, turn: number, calls: Calls | null }} props
 */
function Added({ session, turn, calls }) {
  const added = (calls?.added.get(turn) ?? []).toSorted((one, other) => other[2] - one[2]);
  const whole = added.reduce((sum, [, , characters]) => sum + characters, 0);
  if (whole === 0) return null;
  const parts = added.map(([role, tool, characters]) =>
    `${role === "tool" && tool >= 0 ? `result of ${session.title(tool)}` : role} ${percent(characters, whole)}`);
  const more = parts.length - LISTED;
  return html`<p class="muted" title="by characters">added: ${parts.slice(0, LISTED).join(", ")}${more > 0 && `, ${more} more`}</p>`;
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
