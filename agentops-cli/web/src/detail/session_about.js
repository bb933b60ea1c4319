/**
 * A session as its program describes it: user, tags, metadata, budget, failures, and the sessions around it.
 * @module
 */

import { duration } from "../format.js";
import { html } from "../html.js";
import { attribute } from "../model/attributes.js";
import { failures } from "../model/failures.js";
import { LongText } from "../parts/json_tree.js";
import { SpanLink } from "../parts/span_link.js";
import { StateMark } from "../parts/state.js";
import { sessionAddress } from "../route.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../types.js").SpanDocument} SpanDocument */

/** Failures that are listed. */
const MOST = 20;
const METADATA = "agentops.metadata.";

/** @param {{ session: Session, span: SpanDocument | null, select: (node: number) => void }} props `span` is the root, once it has ended */
export function SessionAbout({ session, span, select }) {
  const { user, tags, program, related } = session.columns;
  const metadata = (span?.attributes ?? []).filter(([key]) => key.startsWith(METADATA));
  const rows = [
    ["user", user],
    ["tags", tags.join(", ")],
    ["program", program],
    ...metadata.map(([key, value]) => [key.slice(METADATA.length), typeof value === "string" ? value : JSON.stringify(value)]),
    ["budget", span && limits(span)],
    ["budget exceeded", span && exceeded(span)],
    ["started by", related.started_by && html`<${SessionLink} related=${related.started_by} isOuter />`],
    ["started here", related.started.length > 0 && related.started.map((inner) => html`<p key=${inner.id}><${SessionLink} related=${inner} /></p>`)],
  ].filter(([, value]) => value);
  return html`
    ${rows.length > 0 && html`<table class="attributes about"><tbody>
      ${rows.map(([key, value]) => html`<tr key=${key}><th scope="row">${key}</th><td>${typeof value === "string" ? html`<${LongText} text=${value} />` : value}</td></tr>`)}
    </tbody></table>`}
    <${Failures} session=${session} select=${select} />
  `;
}

/**
 * Limits of the session's budget, as it was started with.
 * @param {SpanDocument} span
 */
function limits(span) {
  const limit = (/** @type {string} */ name) => attribute(span, `agentops.session.budget.${name}`);
  const parts = ["tokens", "usd", "seconds"].filter((name) => limit(name) !== undefined).map((name) => `${limit(name).toLocaleString("en")} ${name}`);
  return parts.join(", ").replace(" usd", " US dollars");
}

/** @param {SpanDocument} span */
function exceeded(span) {
  const event = span.events.find(({ name }) => name === "agentops.session.budget_exceeded");
  if (!event) return null;
  const about = Object.fromEntries(event.attributes);
  const text = about["exception.message"] ?? about["agentops.session.budget.limit"] ?? "";
  return html`<span class="error">${text}</span> after ${duration(Number(BigInt(event.time) - BigInt(span.start)))}`;
}

/**
 * A session that was started in another one, or that one.
 * @param {{ related: import("../types.js").RelatedSession, isOuter?: boolean }} props
 */
export function SessionLink({ related: { id, span, name, state }, isOuter = false }) {
  const short = html`<span class="mono muted">${id.slice(0, 8)}</span>`;
  if (name === null) return html`<span>session ${short}, which is not here</span>`;
  return html`<a href=${isOuter ? sessionAddress(id, span) : sessionAddress(id)}>session ${name || "–"} ${short}</a> ${state && html`<${StateMark} state=${state} />`}`;
}

/** @param {{ session: Session, select: (node: number) => void }} props */
function Failures({ session, select }) {
  const failed = failures(session);
  if (failed.length === 0) return null;
  return html`<section>
    <h3>Failures</h3>
    <ul class="failures">${failed.slice(0, MOST).map((node) => html`<li key=${session.id(node)}>
      <${SpanLink} session=${session} node=${node} select=${select} /> <span class="error">${(session.error(node) ?? "").split("\n", 1)[0] || "failed"}</span></li>`)}</ul>
    ${failed.length > MOST && html`<p class="muted">${failed.length - MOST} more (key e)</p>`}
  </section>`;
}
