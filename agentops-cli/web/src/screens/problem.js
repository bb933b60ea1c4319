/**
 * What went wrong, and what to do.
 * @module
 */

import { html } from "../html.js";
import { sessionAddress } from "../route.js";

/** @param {{ error: Error & { near?: string[] } }} props */
export function Problem({ error }) {
  const near = error.near ?? [];
  return html`<main class="screen problem-screen">
    <h1>This cannot be shown</h1>
    <p role="alert">${error.message}</p>
    ${near.length > 0 && html`<p>Sessions that may be meant:</p>
      <ul>${near.map((id) => html`<li key=${id}><a class="mono" href=${sessionAddress(id)}>${id.slice(0, 8)}</a></li>`)}</ul>`}
    <p><a href="#/">All sessions</a></p>
  </main>`;
}
