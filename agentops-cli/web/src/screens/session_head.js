/**
 * The head of a session: its figures, where its time went, how it failed, and what it did again and again.
 * @module
 */

import { useMemo } from "preact/hooks";
import * as api from "../api.js";
import { scoreText } from "../detail/scores.js";
import { counted, dollars, duration, exactDuration, exactMoment, moment, percent, tokens } from "../format.js";
import { useNow } from "../hooks.js";
import { html, memo } from "../html.js";
import { failures, nextAfter } from "../model/failures.js";
import { FaultLine } from "../parts/fault_line.js";
import { kindClass, kindName } from "../parts/kind.js";
import { SpanLink } from "../parts/span_link.js";
import { StateMark } from "../parts/state.js";
import { address } from "../route.js";

/** @typedef {import("../model/session.js").Session} Session */

// A key press draws the rows and the pane, not what stands above.
export const SessionHead = memo(DrawnHead);
export const Strip = memo(DrawnStrip);

/** @param {{ session: Session }} props */
function DrawnHead({ session }) {
  const { columns } = session;
  const now = useNow(session.isRunning);
  const sent = Number(BigInt(columns.now) - BigInt(columns.start));
  const runs = session.isRunning ? sent + (now - Number(BigInt(columns.now) / 1000000n)) * 1e6 : columns.took[0];
  const isEmbedded = api.embeddedSession();
  return html`<header class="session-head">
    ${!isEmbedded && html`<a class="quiet" href="#/">‹ Sessions</a>`}
    <h1>${columns.name || "–"} <span class="mono muted" title=${columns.id}>${columns.id.slice(0, 8)}</span></h1>
    <p class="facts">
      <${StateMark} state=${columns.state} />
      ${columns.step.length > 0 && html`<span class="step">${columns.step.join(" › ")}</span>`}
      <span title=${exactMoment(columns.start)}>${moment(columns.start)}</span>
      <span title=${exactDuration(runs)}>${duration(Math.max(runs, 0))}</span>
      <span>${counted(columns.nodes, "span")}</span>
      ${session.hasTokens && html`<span>${tokens(columns.input[0], columns.output[0])} tokens</span>`}
      ${session.hasCost && html`<span>${dollars(columns.cost[0])}</span>`}
      ${columns.errors[0] > 0 && html`<span class="error">✗${columns.errors[0]}<span class="visually-hidden"> failed</span></span>`}
      ${columns.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
      ${columns.scores.length > 0 && html`<${ScoreFact} session=${session} />`}
    </p>
    ${columns.faults && html`<${FaultLine} faults=${columns.faults} />`}
    ${!isEmbedded && html`<p class="actions"><a href=${address("", { x: columns.id })}>Compare</a>
      <a href=${`s/${columns.id}.html`} download=${`${columns.name || "session"}-${columns.id.slice(0, 8)}.html`}>Export page</a>
      <a href=${`s/${columns.id}.md`}>Markdown</a>
      <a href=${`s/${columns.id}.jsonl`} download>OTLP</a></p>`}
    ${isEmbedded && html`<p class="muted">${isEmbedded.about}</p>`}
  </header>`;
}

/** The score of the session, or how many there are. @param {{ session: Session }} props */
function ScoreFact({ session }) {
  const { scores } = session.columns;
  const [first, ...others] = session.scores(0);
  const text = first && others.length === 0 && scores.length === 1 ? `${first.name} ${scoreText(first)}` : counted(scores.length, "score");
  return html`<span class="score-fact" title=${scores.map((score) => `${score.name} ${scoreText(score)}`).join(", ")}><span class="scored" aria-hidden="true">★</span> ${text}</span>`;
}

/**
 * Time by kind on the critical path, the first failure with what came next, and the call that was made most often.
 * @param {{ session: Session, loops: number[][], select: (node: number) => void }} props
 */
function DrawnStrip({ session, loops, select }) {
  const { by_kind: kinds } = session.columns;
  const whole = kinds.reduce((sum, { time }) => sum + time, 0);
  const failed = useMemo(() => failures(session), [session]);
  if (whole === 0) return null;
  const name = (/** @type {string} */ kind) => (kind === "session" ? "own code" : `${kindName(kind)}s`);
  const text = kinds.map(({ kind, time }) => `${name(kind)} ${percent(time, whole)}`).join(", ");
  const next = failed.length > 0 ? nextAfter(session, failed[0]) : undefined;
  const link = (/** @type {number} */ node, /** @type {string} */ key) => html`<${SpanLink} session=${session} node=${node} select=${select} title=${`key ${key}`}>${session.title(node)}<//>`;
  return html`<div class="strip">
    <div class="kind-bar" role="img" aria-label=${`critical path: ${text}`} title=${text}>
      ${kinds.map(({ kind, time }) => html`<span key=${kind} class=${kind === "session" ? "own" : kindClass(kind)} style=${{ flexGrow: time }}></span>`)}
    </div>
    <span class="muted shares">${kinds.map(({ kind, time }) => html`<span key=${kind}><span class=${`swatch ${kind === "session" ? "own" : kindClass(kind)}`} aria-hidden="true"></span>${name(kind)} ${percent(time, whole)}</span>`)}</span>
    ${failed.length > 0 && html`<span class="muted failure"><span class="error">✗ ${link(failed[0], "e")} failed</span>${next !== undefined && html`, then went on with ${link(next, ".")}`}${
      failed.length > 1 && ` · ${failed.length - 1} more`}</span>`}
    ${loops.length > 0 && html`<span class="muted loop">⟳ ${link(loops[0][0], "r")} called ${loops[0].length} times with the same input${
      loops.length > 1 && ` · ${loops.length - 1} more`}</span>`}
  </div>`;
}
