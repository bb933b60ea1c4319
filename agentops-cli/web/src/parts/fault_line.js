/**
 * What could not be read.
 * @module
 */

import { counted } from "../format.js";
import { html } from "../html.js";

/** @param {{ faults: import("../types.js").Faults }} props */
export function FaultLine({ faults }) {
  return html`<details class="faults"><summary>${counted(faults.count, "thing")} could not be read</summary>
    <ul>${faults.text.map((text) => html`<li key=${text}>${text}</li>`)}</ul></details>`;
}
