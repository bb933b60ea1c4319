/**
 * Attributes, events, links and the span as it was written.
 * @module
 */

import { useState } from "preact/hooks";
import { duration, exactMoment, millis } from "../format.js";
import { html } from "../html.js";
import { otherAttributes } from "../model/attributes.js";
import { parsed } from "../model/json_text.js";
import { CopyButton } from "../parts/copy.js";
import { LongText, Value } from "../parts/json_tree.js";
import { sessionAddress } from "../route.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */
/** @typedef {import("../types.js").Attribute} Attribute */

/** @param {{ span: SpanDocument }} props */
export function Attributes({ span }) {
  const [filter, setFilter] = useState("");
  const has = (/** @type {Attribute} */ [key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`.toLowerCase().includes(filter);
  const shown = otherAttributes(span).filter((pair) => !filter || has(pair));
  return html`
    <label class="filter">Filter <input type="search" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value.toLowerCase())} /></label>
    <${Table} attributes=${shown} />
    <h3>Resource</h3>
    <${Table} attributes=${span.resource} />
    <p class="muted">scope ${span.scope.name} ${span.scope.version}</p>
  `;
}

/** @param {{ attributes: Attribute[] }} props */
function Table({ attributes }) {
  if (attributes.length === 0) return html`<p class="muted">None.</p>`;
  return html`<table class="attributes"><tbody>
    ${attributes.map(([key, value], index) => html`<tr key=${index}><th scope="row">${key}</th><td><${Cell} value=${value} /></td></tr>`)}
  </tbody></table>`;
}

/** @param {{ value: any }} props */
function Cell({ value }) {
  return parsed(value) !== undefined ? html`<${Value} value=${value} />` : html`<${LongText} text=${String(value)} />`;
}

/** @param {{ span: SpanDocument }} props */
export function Events({ span }) {
  const after = (/** @type {string} */ time) => duration(Number(BigInt(time) - BigInt(span.start)));
  return html`
    ${span.events.length === 0 && html`<p class="muted">No events.</p>`}
    ${span.events.map((event, index) => html`<section key=${index}>
      <h3>${event.name} <span class="muted" title=${exactMoment(event.time)}>after ${after(event.time)}</span></h3>
      <${Table} attributes=${event.attributes} />
    </section>`)}
    ${span.links.length > 0 && html`<h3>Links</h3>`}
    ${span.links.map((link, index) => html`<section key=${index}>
      <p>${link.is_here
        ? html`<a href=${sessionAddress(link.trace, link.span)}>${link.trace.slice(0, 8)}/${link.span.slice(0, 8)}</a>`
        : html`<span class="mono">${link.trace}/${link.span}</span>`}</p>
      <${Table} attributes=${link.attributes} />
    </section>`)}
  `;
}

/** @param {{ span: SpanDocument }} props */
export function Raw({ span }) {
  const text = JSON.stringify(span, null, 2);
  return html`
    <p class="muted">
      ${span.place && html`<span class="mono">${span.place.file}</span> at byte ${span.place.offset.toLocaleString("en")}.`}
      Started ${new Date(millis(span.start)).toISOString()}. <${CopyButton} label="Copy" text=${text} />
    </p>
    <pre class="text"><${LongText} text=${text} /></pre>
  `;
}
