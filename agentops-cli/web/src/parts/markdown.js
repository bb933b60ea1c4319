/**
 * Text of models as headings, lists and code. Elements are made of it and nothing in it is HTML; links stay text.
 * @module
 */

import { html } from "../html.js";

const FENCE = /^\s*(```|~~~)\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?(.*)$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const INLINE = /(`+)([^`].*?)\1(?!`)|\*\*(\S(?:.*?\S)?)\*\*|(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])/g;

/** @param {{ text: string }} props */
export function Markdown({ text }) {
  return html`<div class="markdown">${blocks(text.split("\n"))}</div>`;
}

/** @param {string[]} lines */
function blocks(lines) {
  const made = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = blockAt(lines, at);
    if (block) made.push(block);
    at = next;
  }
  return made;
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @returns {[any, number]}
 */
function blockAt(lines, at) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  const fence = FENCE.exec(line);
  if (fence) return code(lines, at, fence[1]);
  const heading = HEADING.exec(line);
  if (heading) return [html`<p class="heading level-${Math.min(heading[1].length, 4)}">${inline(heading[2])}</p>`, at + 1];
  if (RULE.test(line)) return [html`<hr />`, at + 1];
  if (ITEM.test(line)) return list(lines, at);
  if (QUOTE.test(line)) {
    const [quoted, next] = taken(lines, at, (text) => QUOTE.exec(text)?.[1]);
    return [html`<blockquote>${blocks(quoted)}</blockquote>`, next];
  }
  const [paragraph, next] = taken(lines, at, (text) => (text.trim() && !isStart(text) ? text : undefined));
  // A line that looks like a start but is none of the blocks above is a paragraph of its own.
  return next > at ? [html`<p>${inline(paragraph.join("\n"))}</p>`, next] : [html`<p>${inline(line)}</p>`, at + 1];
}

/** @param {string} line */
function isStart(line) {
  return FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || QUOTE.test(line) || RULE.test(line);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {(line: string) => string | undefined} take
 * @returns {[string[], number]}
 */
function taken(lines, at, take) {
  const found = [];
  for (; at < lines.length; at += 1) {
    const text = take(lines[at]);
    if (text === undefined) break;
    found.push(text);
  }
  return [found, at];
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {string} fence
 * @returns {[any, number]}
 */
function code(lines, at, fence) {
  const [body, end] = taken(lines, at + 1, (text) => (text.trim() === fence ? undefined : text));
  return [html`<pre class="code">${body.join("\n")}</pre>`, end + 1];
}

/**
 * A list; deeper items are indented, not nested.
 * @param {string[]} lines
 * @param {number} at
 * @returns {[any, number]}
 */
function list(lines, at) {
  const [items, next] = taken(lines, at, (text) => (ITEM.test(text) ? text : undefined));
  const parts = items.map((text) => {
    const [, indent, number, content] = /** @type {RegExpExecArray} */ (ITEM.exec(text));
    const level = Math.min(Math.floor(indent.length / 2), 5);
    return html`<li class="indent-${level}"><span class="bullet">${number ? `${number}.` : "•"}</span><span>${inline(content)}</span></li>`;
  });
  return [html`<ul>${parts}</ul>`, next];
}

/** Text with code, bold and slanted words in it. @param {string} text */
export function inline(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(from, match.index));
    const [whole, , inCode, strong, weak] = match;
    if (inCode !== undefined) parts.push(html`<code>${inCode}</code>`);
    else if (strong !== undefined) parts.push(html`<strong>${strong}</strong>`);
    else parts.push(html`<em>${weak}</em>`);
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}
