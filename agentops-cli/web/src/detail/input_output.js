/**
 * Input and output of a span, as trees where they are JSON, with the documents that a retriever found.
 * @module
 */

import { counted } from "../format.js";
import { html } from "../html.js";
import { documents, input, output } from "../model/attributes.js";
import { CopyButton } from "../parts/copy.js";
import { JsonTree, LongText, Value } from "../parts/json_tree.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */

/** @param {{ span: SpanDocument }} props */
export function InputOutput({ span }) {
  const scores = span.attributes.filter(([key]) => key.startsWith("gen_ai.evaluation."));
  const found = documents(span);
  return html`
    <${Side} title="Input" value=${input(span)} />
    ${found.length > 0 && html`<${Documents} documents=${found} />`}
    ${(found.length === 0 || output(span) !== undefined) && html`<${Side} title="Output" value=${output(span)} />`}
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

/** @param {{ documents: Record<string, any>[] }} props */
function Documents({ documents }) {
  return html`<section>
    <h3>${counted(documents.length, "document")}</h3>
    <ol class="documents">
      ${documents.map(({ score, id, content, text, ...rest }, index) => html`<li key=${index}>
        <p class="document-head"><span class="muted">${index + 1}</span>
          ${score !== undefined && html`<strong title=${`score ${score}`}>${Number(score).toPrecision(3)}</strong>`}
          <span class="mono">${id}</span></p>
        <${Body} value=${content ?? text} />
        ${Object.entries(rest).map(([key, value]) => html`<${Value} key=${key} name=${key} value=${value} />`)}
      </li>`)}
    </ol>
  </section>`;
}

/** @param {{ value: any }} props */
function Body({ value }) {
  if (value === undefined) return null;
  return typeof value === "string" ? html`<p class="document-text"><${LongText} text=${value} /></p>` : html`<${Value} value=${value} />`;
}
