/**
 * Input and output of a span, as trees where they are JSON.
 * @module
 */

import { html } from "../html.js";
import { attribute, input, output } from "../model/attributes.js";
import { CopyButton } from "../parts/copy.js";
import { JsonTree, Value, parsed } from "../parts/json_tree.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */

/** @param {{ span: SpanDocument }} props */
export function InputOutput({ span }) {
  const scores = span.attributes.filter(([key]) => key.startsWith("gen_ai.evaluation."));
  const documents = parsed(attribute(span, "gen_ai.retrieval.documents"));
  return html`
    <${Side} title="Input" value=${input(span)} />
    <${Side} title="Output" value=${output(span)} />
    ${documents !== undefined && html`<${Documents} documents=${[documents].flat()} />`}
    ${scores.length > 0 && html`<section><h3>Scores</h3><div class="json"><${JsonTree} value=${Object.fromEntries(scores)} /></div></section>`}
  `;
}

/** @param {{ title: string, value: any }} props */
function Side({ title, value }) {
  return html`<section class="side">
    <h3>${title} ${value !== undefined && html`<${CopyButton} label="Copy" text=${typeof value === "string" ? value : JSON.stringify(value)} />`}</h3>
    ${value === undefined ? html`<p class="muted">Nothing is recorded.</p>` : html`<${Value} value=${value} />`}
  </section>`;
}

/** @param {{ documents: any[] }} props */
function Documents({ documents }) {
  return html`<section>
    <h3>Documents</h3>
    <ol class="documents">
      ${documents.map((document, index) => html`<li key=${index}>
        <p>${document?.score !== undefined && html`<strong>${Number(document.score).toPrecision(3)}</strong>`} ${document?.id ?? ""}</p>
        <${Value} value=${document?.content ?? document} />
      </li>`)}
    </ol>
  </section>`;
}
