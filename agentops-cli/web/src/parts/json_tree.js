/**
 * A JSON value as a tree that is drawn as far as it is opened: long texts are cut, long lists are paged.
 * @module
 */

import { useState } from "preact/hooks";
import { bytes, counted } from "../format.js";
import { html } from "../html.js";
import { parsed } from "../model/json_text.js";
import { CopyButton } from "./copy.js";

/** Characters of a text that are shown at once. */
const TEXT = 2000;
/** Children that are shown at once. */
const PAGE = 100;
/** Levels that are open at first, and the most children of what is. */
const OPEN_LEVELS = 2;
const OPEN_CHILDREN = 20;

const CUT = /…\[truncated\]$/;
const BASE64 = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)$/;
const BARE_BASE64 = /^[A-Za-z0-9+/]{256,}={0,2}$/;

/**
 * @param {{ value: any, name?: string, level?: number }} props
 */
export function JsonTree({ value, name, level = 0 }) {
  if (value === null || typeof value !== "object") {
    return html`<div class="json-line"><${Name} name=${name} /><${Leaf} value=${value} /></div>`;
  }
  return html`<${Branch} value=${value} name=${name} level=${level} />`;
}

/** @param {{ name?: string }} props */
function Name({ name }) {
  return name === undefined ? null : html`<span class="json-key">${name}</span><span class="muted">: </span>`;
}

/** @param {{ value: any, name?: string, level: number }} props */
function Branch({ value, name, level }) {
  const isList = Array.isArray(value);
  const keys = isList ? value.map((_, index) => String(index)) : Object.keys(value);
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS && keys.length <= OPEN_CHILDREN);
  const [shown, setShown] = useState(PAGE);
  if (keys.length === 0) {
    return html`<div class="json-line"><${Name} name=${name} /><span class="muted">${isList ? "[]" : "{}"}</span></div>`;
  }
  const about = isList ? counted(keys.length, "item") : counted(keys.length, "key");
  return html`<div class="json-branch">
    <button type="button" class="json-twisty" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <span class="twisty" aria-hidden="true">${isOpen ? "▾" : "▸"}</span>
      <${Name} name=${name} />
      <span class="muted">${isList ? "[" : "{"} ${about} ${isList ? "]" : "}"}</span>
    </button>
    ${isOpen &&
    html`<div class="json-children">
      ${keys.slice(0, shown).map((key) => html`<${JsonTree} key=${key} value=${value[key]} name=${key} level=${level + 1} />`)}
      ${keys.length > shown &&
      html`<button type="button" class="quiet" onClick=${() => setShown(shown + PAGE)}>
        ${counted(keys.length - shown, "more item")}
      </button>`}
    </div>`}
  </div>`;
}

/** @param {{ value: any }} props */
function Leaf({ value }) {
  if (typeof value === "string") return html`<${LongText} text=${value} quoted />`;
  return html`<span class="json-${value === null ? "null" : typeof value}">${String(value)}</span>`;
}

/**
 * A text of which the start is shown, and all of it on demand.
 * @param {{ text: string, quoted?: boolean }} props
 */
export function LongText({ text, quoted = false }) {
  const [isWhole, setWhole] = useState(false);
  const media = mediaOf(text);
  if (media) return html`<span class="muted">${media}</span> <${CopyButton} text=${text} label="Copy" />`;
  const isCut = text.length > TEXT && !isWhole;
  const shown = isCut ? text.slice(0, TEXT) : text;
  const note = CUT.test(text.slice(-80));
  return html`<span class=${quoted ? "json-string" : "plain-text"}>${quoted ? `"${shown}` : shown}${quoted && !isCut ? '"' : ""}</span>
    ${isCut &&
    html` <button type="button" class="quiet" onClick=${() => setWhole(true)}>show all ${bytes(text.length)}</button>`}
    ${note && html` <span class="note">cut when it was recorded</span>`}`;
}

/**
 * Describes a text that is a picture or other bytes in base64.
 * @param {string} text
 */
function mediaOf(text) {
  const data = text.length > 64 && text.startsWith("data:") ? BASE64.exec(text) : null;
  if (data) return `${data[1]}, ${bytes(Math.floor((data[2].length * 3) / 4))}`;
  const isMixed = [/[A-Z]/, /[a-z]/, /[0-9+/]/].every((letters) => letters.test(text.slice(0, 256)));
  return isMixed && BARE_BASE64.test(text) ? `base64, ${bytes(Math.floor((text.length * 3) / 4))}` : null;
}

/**
 * A recorded value: as a tree if it is JSON, as text otherwise.
 * @param {{ value: any, name?: string }} props
 */
export function Value({ value, name }) {
  const tree = parsed(value);
  if (tree !== undefined) return html`<div class="json"><${JsonTree} value=${tree} name=${name} /></div>`;
  return html`<pre class="text">${name && `${name}: `}<${LongText} text=${String(value)} /></pre>`;
}
