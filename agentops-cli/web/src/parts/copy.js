/**
 * Buttons that copy.
 * @module
 */

import { useState } from "preact/hooks";
import { html } from "../html.js";

/**
 * Copies a text; returns whether the browser allowed it.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {{ text: string | (() => string), label: string, title?: string }} props */
export function CopyButton({ text, label, title }) {
  const [said, setSaid] = useState("");
  const press = async () => {
    const done = await copy(typeof text === "string" ? text : text());
    setSaid(done ? "Copied" : "Not allowed");
    setTimeout(() => setSaid(""), 1500);
  };
  return html`<button type="button" class="quiet" title=${title} onClick=${press} aria-live="polite">${said || label}</button>`;
}
