/**
 * A model call as a conversation: what it wrote first, then what it saw, the newest message open.
 * @module
 */

import { useState } from "preact/hooks";
import { bytes, counted, dollars, percent } from "../format.js";
import { html } from "../html.js";
import { attribute, input, output, parameters, usage } from "../model/attributes.js";
import { lengthOf, messages, prompt } from "../model/messages.js";
import { ContextBar, ROLES, shares } from "../parts/context_bar.js";
import { Markdown } from "../parts/markdown.js";
import { LongText, Value } from "../parts/json_tree.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */
/** @typedef {import("../model/messages.js").Message} Message */
/** @typedef {import("../model/messages.js").Part} Part */
/** @typedef {import("../model/calls.js").Before} Before */

/** Characters of a text that are laid out as Markdown at once. */
const TEXT = 8000;
/** Messages that are listed at once. */
const PAGE = 20;

/**
 * @param {{ span: SpanDocument, context: Record<string, number> | undefined, before: Before | undefined, toolOf: (id: string) => string | null }} props
 *   `toolOf` returns the address of the tool span that a call became
 */
export function Conversation({ span, context, before, toolOf }) {
  const wrote = messages(output(span), "assistant");
  const saw = prompt(attribute(span, "gen_ai.system_instructions"), input(span));
  if (!wrote && !saw) {
    return html`<p class="empty">Neither input nor output of this call is recorded. Content is recorded unless
      <code>capture_content(false)</code>, <code>capture_input = false</code> or <code>capture_output = false</code> is set.</p>`;
  }
  return html`<div class="conversation">
    <section>
      <h3>Wrote</h3>
      ${wrote
        ? wrote.map((message, index) => html`<${MessageView} key=${index} message=${message} isOpen toolOf=${toolOf} />`)
        : html`<p class="muted">Nothing is recorded.</p>`}
    </section>
    <${Saw} messages=${saw ?? []} span=${span} context=${context} before=${before} toolOf=${toolOf} />
    <${Settings} span=${span} />
    <${Tools} definitions=${attribute(span, "gen_ai.tool.definitions")} />
  </div>`;
}

/**
 * @param {{ messages: Message[], span: SpanDocument, context: Record<string, number> | undefined, before: Before | undefined,
 *   toolOf: (id: string) => string | null }} props
 */
function Saw({ messages, span, context, before, toolOf }) {
  const old = before?.same ?? 0;
  const [shown, setShown] = useState(PAGE);
  const [onlyNew, setOnlyNew] = useState(false);
  const listed = messages.map((message, index) => ({ message, index })).filter(({ index }) => !onlyNew || index >= old);
  const newest = listed.toReversed();
  return html`<section>
    <h3>Saw <span class="muted">newest first, ${counted(messages.length, "message")}</span>
      ${old > 0 &&
      html`<label class="inline"><input type="checkbox" checked=${onlyNew} onChange=${() => setOnlyNew(!onlyNew)} />
        only the ${messages.length - old} since the call before</label>`}
    </h3>
    <${Context} span=${span} context=${context} before=${before} />
    ${newest.slice(0, shown).map(
      ({ message, index }, place) => html`<${MessageView} key=${index} message=${message} number=${index + 1} isOpen=${place === 0 && message.role !== "system"}
        isOld=${index < old} toolOf=${toolOf} />`,
    )}
    ${newest.length > shown &&
    html`<button type="button" class="quiet" onClick=${() => setShown(shown + PAGE)}>${counted(newest.length - shown, "earlier message")}</button>`}
    ${messages.length === 0 && html`<p class="muted">Nothing is recorded.</p>`}
  </section>`;
}

/**
 * Who wrote the context, and what of it came from the cache.
 * @param {{ span: SpanDocument, context: Record<string, number> | undefined, before: Before | undefined }} props
 */
function Context({ span, context, before }) {
  const { input, cached, written } = usage(span);
  const lines = [
    context && `context${input === null ? "" : ` ${exact(input)} tokens`}: ${shares(context)}`,
    [
      cached !== null && input !== null && `${exact(cached)} of ${exact(input)} tokens from the cache (${percent(cached, input)})`,
      written !== null && written > 0 && `${exact(written)} written to it`,
      before && prefixText(before),
    ].filter(Boolean).join("; "),
  ].filter(Boolean);
  return html`<div class="context">
    ${context && Object.keys(context).length > 1 && html`<${ContextBar} context=${context} label="context by characters" />`}
    ${lines.map((line) => html`<p key=${line} class="muted">${line}</p>`)}
  </div>`;
}

/** @param {Before} before */
function prefixText({ same, all }) {
  return same < all ? `the prefix of the call before breaks at message ${same + 1}` : `begins with all of the call before (${counted(all, "message")})`;
}

/** @param {number} number */
function exact(number) {
  return number.toLocaleString("en");
}

/**
 * How the call was set, and why it cost that.
 * @param {{ span: SpanDocument }} props
 */
function Settings({ span }) {
  const { input, output, cost, inputCost, outputCost } = usage(span);
  const set = parameters(span);
  const isExplained = cost !== null && inputCost !== null && outputCost !== null;
  if (set.length === 0 && !isExplained) return null;
  return html`<section class="settings">
    <h3>Settings and cost</h3>
    ${set.length > 0 && html`<p>${set.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ")}</p>`}
    ${isExplained && html`<p>${dollars(cost)}: ${dollars(inputCost)} for ${exact(input ?? 0)} tokens in, ${dollars(outputCost)} for ${exact(output ?? 0)} out</p>`}
  </section>`;
}

/**
 * @param {{ message: Message, number?: number, isOpen: boolean, isOld?: boolean, toolOf: (id: string) => string | null }} props
 */
function MessageView({ message, number, isOpen, isOld = false, toolOf }) {
  const [open, setOpen] = useState(isOpen);
  const { role, parts, finish } = message;
  const about = [bytes(lengthOf(message)), finish && finish !== "unknown" && `finish: ${finish}`, isOld && "as before"].filter(Boolean).join(" · ");
  return html`<article class="message role-${ROLES.includes(role) ? role : "other"}">
    <button type="button" class="message-head" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <span class="twisty" aria-hidden="true">${open ? "▾" : "▸"}</span>
      <strong>${role}</strong>
      ${number !== undefined && html`<span class="muted">#${number}</span>`}
      ${!open && html`<span class="preview">${preview(message)}</span>`}
      <span class="muted about">${about}</span>
    </button>
    ${open && html`<div class="message-body">${parts.map((part, index) => html`<${PartView} key=${index} part=${part} toolOf=${toolOf} />`)}</div>`}
  </article>`;
}

/** @param {Message} message */
function preview(message) {
  const [part] = message.parts;
  if (!part) return "empty";
  if (part.type === "call") return `calls ${part.name}`;
  if (part.type === "result") return `result ${short(part.output)}`;
  return short(part.type === "other" ? part.value : part.text);
}

/** @param {any} value */
function short(value) {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.slice(0, 160).replace(/\s+/g, " ");
}

/** @param {{ part: Part, toolOf: (id: string) => string | null }} props */
function PartView({ part, toolOf }) {
  const [isWhole, setWhole] = useState(false);
  const [isOpen, setOpen] = useState(false);
  switch (part.type) {
    case "text":
      return html`<${Markdown} text=${isWhole ? part.text : part.text.slice(0, TEXT)} />
        ${part.text.length > TEXT && !isWhole &&
        html`<button type="button" class="quiet" onClick=${() => setWhole(true)}>show all ${bytes(part.text.length)}</button>`}`;
    case "reasoning":
      return html`<div class="part">
        <button type="button" class="part-head" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
          <span class="twisty" aria-hidden="true">${isOpen ? "▾" : "▸"}</span> reasoning <span class="muted">${bytes(part.text.length)}</span>
        </button>
        ${isOpen && html`<pre class="text"><${LongText} text=${part.text} /></pre>`}
      </div>`;
    case "call": {
      const link = part.id && toolOf(part.id);
      return html`<div class="part">
        <p class="part-head">calls <strong class="mono">${part.name}</strong> ${link && html`<a href=${link}>go to the tool</a>`}</p>
        <${Value} value=${part.input} />
      </div>`;
    }
    case "result": {
      const link = part.id && toolOf(part.id);
      return html`<div class="part">
        <p class="part-head">result ${link && html`<a href=${link}>go to the tool</a>`}</p>
        <${Value} value=${part.output} />
      </div>`;
    }
    default:
      return html`<div class="part"><p class="part-head">${part.name}</p><${Value} value=${part.value} /></div>`;
  }
}

/** @param {{ definitions: any }} props */
function Tools({ definitions }) {
  const [isOpen, setOpen] = useState(false);
  if (definitions === undefined) return null;
  return html`<section>
    <button type="button" class="part-head" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <span class="twisty" aria-hidden="true">${isOpen ? "▾" : "▸"}</span> Tools that it could call
    </button>
    ${isOpen && html`<${Value} value=${definitions} />`}
  </section>`;
}
