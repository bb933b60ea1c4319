/**
 * The pane of one span: what it is, and tabs for what is known of it.
 * @module
 */

import { embeddedSession, span as readSpan, spanText } from "../api.js";
import { count, dollars, duration, exactDuration, exactMoment, moment, percent, tokens } from "../format.js";
import { useAnswer } from "../hooks.js";
import { html, memo } from "../html.js";
import { attribute, usage } from "../model/attributes.js";
import { nextAfter } from "../model/failures.js";
import { CANCELLED, LATE, UNFINISHED } from "../model/session.js";
import { CopyButton } from "../parts/copy.js";
import { KindMark, kindName } from "../parts/kind.js";
import { SpanLink } from "../parts/span_link.js";
import { sessionAddress } from "../route.js";
import { AgentTurns } from "./agent_turns.js";
import { Conversation } from "./conversation.js";
import { InputOutput } from "./input_output.js";
import { Scores } from "./scores.js";
import { SessionAbout, SessionLink } from "./session_about.js";
import { SessionTotals } from "./session_totals.js";
import { Attributes, Events, Raw } from "./tables.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */
/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/calls.js").Calls} Calls */

/** Tabs in their order: the name in addresses, the label, and the kinds that have it. */
const TABS = [
  { name: "chat", label: "Conversation", kinds: ["llm"] },
  { name: "turns", label: "Turns", kinds: ["agent"] },
  { name: "totals", label: "Totals", kinds: ["session"] },
  { name: "io", label: "Input/output", kinds: null },
  { name: "attributes", label: "Attributes", kinds: null },
  { name: "events", label: "Events", kinds: null },
  { name: "raw", label: "Raw", kinds: null },
];

export const SpanPane = memo(DrawnPane);

/** @param {string} kind */
export function tabsOf(kind) {
  return TABS.filter(({ kinds }) => !kinds || kinds.includes(kind));
}

/**
 * @param {{ session: Session, node: number, calls: Calls | null, tab: string | null, setTab: (tab: string) => void,
 *   select: (node: number) => void, refresh: () => void }} props
 */
function DrawnPane({ session, node, calls, tab, setTab, select, refresh }) {
  const id = session.id(node);
  const kind = session.kind(node);
  const isOpen = session.isOpen(node);
  const { value: span, error, isLoading } = useAnswer(isOpen ? null : `${session.columns.id}/${id}`, () => readSpan(session.columns.id, id));
  const tabs = tabsOf(kind);
  const chosen = tabs.find(({ name }) => name === tab) ?? tabs[0];
  return html`<div class="pane-content">
    <${Head} session=${session} node=${node} span=${span} />
    <${Around} session=${session} node=${node} calls=${calls} select=${select} />
    <${Scores} key=${id} session=${session} node=${node} refresh=${refresh} />
    <div class="tabs" role="tablist" aria-label="What is known of the span">
      ${tabs.map(
        ({ name, label }, index) => html`<button type="button" role="tab" id=${`tab-${name}`} aria-selected=${name === chosen.name}
          aria-controls="tab-panel" title=${`key ${index + 1}`} onClick=${() => setTab(name)}>${label}</button>`,
      )}
    </div>
    <div role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${chosen.name}`} class="tab-panel" tabindex="0">
      ${error && html`<p class="problem" role="alert">${error.message}</p>`}
      ${isLoading && html`<p class="muted">Reading the span …</p>`}
      ${isOpen && html`<p class="empty">This span has not ended. What it was given and what it returns is written when it ends.</p>`}
      ${(span || (isOpen && ["turns", "totals"].includes(chosen.name))) &&
      html`<${Panel} name=${chosen.name} session=${session} node=${node} span=${span} calls=${calls} select=${select} />`}
    </div>
  </div>`;
}

/**
 * @param {{ name: string, session: Session, node: number, span: SpanDocument, calls: Calls | null, select: (node: number) => void }} props
 */
function Panel({ name, session, node, span, calls, select }) {
  const address = (/** @type {number} */ other) => sessionAddress(session.columns.id, session.id(other));
  switch (name) {
    case "chat": {
      const toolOf = (/** @type {string} */ call) => {
        const tool = calls?.toolOf(call);
        return tool === undefined ? null : address(tool);
      };
      return html`<${Conversation} key=${span.id} span=${span} context=${calls?.context.get(node)} before=${calls?.before.get(node)} toolOf=${toolOf} />`;
    }
    case "turns":
      return html`<${AgentTurns} session=${session} node=${node} calls=${calls} select=${select} />`;
    case "totals":
      return html`<${SessionAbout} session=${session} span=${span} select=${select} /><${SessionTotals} session=${session} />`;
    case "io":
      return html`<${InputOutput} key=${span.id} span=${span} />`;
    case "attributes":
      return html`<${Attributes} key=${span.id} span=${span} />`;
    case "events":
      return html`<${Events} key=${span.id} span=${span} />`;
    default:
      return html`<${Raw} key=${span.id} span=${span} />`;
  }
}

/** @param {{ session: Session, node: number, span: SpanDocument | null }} props */
function Head({ session, node, span }) {
  const { columns } = session;
  const kind = session.kind(node);
  const error = session.error(node);
  const id = session.id(node);
  const marks = [
    [CANCELLED, "cancelled"],
    [LATE, "started after its session had ended"],
    [UNFINISHED, "cut off: its process ended first"],
  ].filter(([bit]) => columns.marks[node] & Number(bit));
  return html`<header class="pane-head">
    <h2><${KindMark} kind=${kind} /> <span class="visually-hidden">${kindName(kind)}</span>
      <span class="pane-title">${session.title(node)}</span>
      ${session.model(node) && html`<span class="muted model">${session.model(node)}</span>`}</h2>
    <p class="facts">
      <span title=${exactDuration(columns.took[node])}>${session.isOpen(node) ? "still open" : duration(columns.took[node])}</span>
      ${span && html`<span title=${exactMoment(span.start)}>at ${moment(span.start)}</span>`}
      ${kind === "llm" && span ? html`<${CallFacts} span=${span} />` : html`<${SumFacts} session=${session} node=${node} />`}
      ${marks.map(([, text]) => html`<span class="note">${text}</span>`)}
    </p>
    ${error !== null && html`<pre class="error-text">${error || "failed without a message"}</pre>`}
    <p class="actions">
      <${CopyButton} label="Copy link" title="key y" text=${() => linkTo(columns.id, id)} />
      <${CopyButton} label="Copy id" text=${`${columns.id.slice(0, 8)}/${id.slice(0, 8)}`} title="as agentops show takes it" />
      ${!embeddedSession() && span && html`
        ${kind === "llm" && html`<${CopyButton} label="Copy as curl" text=${() => spanText(columns.id, id, "curl")} title="a command for a shell, with the key as a variable" />`}
        <${CopyButton} label="Copy as Markdown" text=${() => spanText(columns.id, id, "md")} title="for an issue, or for a coding agent" />`}
      ${span?.code && html`<${CopyButton} label=${`${span.code.path}:${span.code.line}`} text=${`${span.code.path}:${span.code.line}`} title="copy the place in the source" />`}
    </p>
  </header>`;
}

/**
 * @param {string} session
 * @param {string} span
 */
export function linkTo(session, span) {
  return location.href.replace(/#.*$/, "") + sessionAddress(session, span);
}

/** @param {{ span: SpanDocument }} props */
function CallFacts({ span }) {
  const { input, output, cached, reasoning, cost } = usage(span);
  const finish = attribute(span, "gen_ai.response.finish_reasons");
  const first = attribute(span, "gen_ai.response.time_to_first_chunk");
  return html`<span>${tokens(input, output)} tokens</span>
    ${cached !== null && html`<span title="read from the provider's cache">${count(cached)} cached${input ? ` (${percent(cached, input)})` : ""}</span>`}
    ${reasoning !== null && html`<span>${count(reasoning)} reasoning</span>`}
    <span>${dollars(cost)}</span>
    ${first !== undefined && html`<span title="until the first chunk came">first after ${duration(Number(first) * 1e9)}</span>`}
    ${finish !== undefined && html`<span>finish: ${[finish].flat().join(", ")}</span>`}`;
}

/** @param {{ session: Session, node: number }} props */
function SumFacts({ session, node }) {
  const { columns } = session;
  const [input, output, cost] = [columns.input[node], columns.output[node], columns.cost[node]];
  return html`${(input !== null || output !== null) && html`<span title="of all model calls below">${tokens(input, output)} tokens</span>`}
    ${cost !== null && html`<span>${dollars(cost)}</span>`}`;
}

/**
 * Where the span stands among the others: what asked for it, what came next, how often the same was called, what it started.
 * @param {{ session: Session, node: number, calls: Calls | null, select: (node: number) => void }} props
 */
function Around({ session, node, calls, select }) {
  const kind = session.kind(node);
  const asker = calls?.askerOf(node);
  const before = calls?.before.get(node)?.call;
  const same = calls?.sameAs(node) ?? [];
  const next = kind === "tool" || session.error(node) !== null ? nextAfter(session, node) : undefined;
  const id = session.id(node);
  const started = session.columns.related.started.filter(({ span }) => span === id);
  const link = (/** @type {number} */ other) => html`<${SpanLink} session=${session} node=${other} select=${select} />`;
  const parts = [
    asker !== undefined && html`<span>asked for by ${link(asker)}</span>`,
    before !== undefined && html`<span>call before: ${link(before)}</span>`,
    same.length > 1 && html`<span class="note">called ${same.length} times with the same input: ${link(same.find((call) => call > node) ?? same[0])}</span>`,
    next !== undefined && html`<span>${session.error(node) === null ? "then" : "then went on with"} ${link(next)} <span class="muted">(key .)</span></span>`,
    started.length > 0 && html`<span>started ${started.map((related) => html`<${SessionLink} related=${related} />`)}</span>`,
  ].filter(Boolean);
  return parts.length > 0 && html`<p class="around">${parts}</p>`;
}
