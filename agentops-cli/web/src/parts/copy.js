/**
 * Buttons that copy.
 * @module
 */

import { useState } from "preact/hooks";
import { html } from "../html.js";

/**
 * Copies a text, also one that comes later: a browser allows that only to the press itself, so it is given the promise.
 * @param {string | Promise<string>} text
 */
export async function copy(text) {
  if (typeof text === "string") return navigator.clipboard.writeText(text);
  const blob = text.then((text) => new Blob([text], { type: "text/plain" }));
  // Of a promise that fails, the browser does not tell the reason.
  const [, copied] = await Promise.allSettled([text, navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })])]);
  await text;
  if (copied.status === "rejected") throw copied.reason;
}

/** @param {{ text: string | (() => string | Promise<string>), label: string, title?: string }} props */
export function CopyButton({ text, label, title }) {
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");
  const press = async () => {
    setProblem("");
    try {
      await copy(typeof text === "string" ? text : text());
      setSaid("Copied");
      setTimeout(() => setSaid(""), 1500);
    } catch (error) {
      setProblem(error instanceof DOMException ? "the browser does not allow it" : /** @type {Error} */ (error).message);
    }
  };
  return html`<button type="button" class="quiet" title=${title} onClick=${press} aria-live="polite">${said || label}</button>
    ${problem && html`<span class="problem" role="alert">Not copied: ${problem}.</span>`}`;
}
