/**
 * A model call as a conversation: what it wrote first, then what it saw, the newest message open.
 * @module
 */

import { useState } from "preact/hooks";
import { bytes, count, counted, percent } from "../format.js";
import { html } from "../html.js";
import { attribute, input, output, usage } from "../model/attributes.js";
import { lengthOf, messages } from "../model/messages.js";
import { Markdown } from "../parts/markdown.js";
import { LongText, Value } from "../parts/json_tree.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */
/** @typedef {import("../model/messages.js").Message} Message */
/** @typedef {import("../model/messages.js").Part} Part */

/** Characters of a text that are laid out as Markdown at once. */
const TEXT = 8000;
/** Messages that are listed at once. */
const PAGE = 20;

/**
 * @param {{ span: SpanDocument, prefix: number | null, toolOf: (id: string) => string | null }} props `prefix` is the number of
 *   messages that the call before had, too; `toolOf` the address of the tool span that a call became
 */
export function Conversation({ span, prefix, toolOf }) {
  const wrote = messages(output(span), "assistant");
  const saw = messages(input(span), "user");
  const system = messages(attribute(span, "gen_ai.system_instructions"), "system");
  if (!wrote && !saw && !system) {
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
    <${Saw} messages=${[...(system ?? []), ...(saw ?? [])]} prefix=${prefix} span=${span} toolOf=${toolOf} />
    <${Tools} definitions=${attribute(span, "gen_ai.tool.definitions")} />
  </div>`;
}

/** @param {{ messages: Message[], prefix: number | null, span: SpanDocument, toolOf: (id: string) => string | null }} props */
function Saw({ messages, prefix, span, toolOf }) {
  const [shown, setShown] = useState(PAGE);
  const [onlyNew, setOnlyNew] = useState(false);
  const old = prefix ?? 0;
  const listed = messages.map((message, index) => ({ message, index })).filter(({ index }) => !onlyNew || index >= old);
  const newest = listed.toReversed();
  return html`<section>
    <h3>Saw <span class="muted">newest first, ${counted(messages.length, "message")}</span>
      ${old > 0 &&
      html`<label class="inline"><input type="checkbox" checked=${onlyNew} onChange=${() => setOnlyNew(!onlyNew)} />
        only the ${messages.length - old} since the call before</label>`}
    </h3>
    <${ContextBar} messages=${messages} span=${span} />
    ${newest.slice(0, shown).map(
      ({ message, index }, place) => html`<${MessageView} key=${index} message=${message} number=${index + 1} isOpen=${place === 0}
        isOld=${index < old} toolOf=${toolOf} />`,
    )}
    ${newest.length > shown &&
    html`<button type="button" class="quiet" onClick=${() => setShown(shown + PAGE)}>${counted(newest.length - shown, "earlier message")}</button>`}
    ${messages.length === 0 && html`<p class="muted">Nothing is recorded.</p>`}
  </section>`;
}

const ROLES = ["system", "user", "assistant", "tool"];

/**
 * Shares of the context by who wrote it, in characters: tokens of a message are not known.
 * @param {{ messages: Message[], span: SpanDocument }} props
 */
function ContextBar({ messages, span }) {
  const lengths = new Map();
  for (const message of messages) {
    const isResult = message.parts.some((part) => part.type === "result");
    const role = isResult ? "tool" : ROLES.includes(message.role) ? message.role : "other";
    lengths.set(role, (lengths.get(role) ?? 0) + lengthOf(message));
  }
  const whole = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  if (whole === 0) return null;
  const parts = [...ROLES, "other"].filter((role) => lengths.get(role) > 0);
  const text = parts.map((role) => `${role} ${percent(lengths.get(role), whole)}`).join(", ");
  const { input, cached } = usage(span);
  return html`<div class="context">
    <div class="context-bar" role="img" aria-label=${`context by characters: ${text}`}>
      ${parts.map((role) => html`<span class="role-${role}" style=${{ flexGrow: lengths.get(role) }}></span>`)}
    </div>
    <p class="muted">context ${input === null ? bytes(whole) : `${count(input)} tokens`}: ${text}
      ${cached !== null && input !== null && html`<br />${count(cached)} of ${count(input)} tokens from the cache (${percent(cached, input)})`}</p>
  </div>`;
}

/**
 * @param {{ message: Message, number?: number, isOpen: boolean, isOld?: boolean, toolOf: (id: string) => string | null }} props
 */
function MessageView({ message, number, isOpen, isOld = false, toolOf }) {
  const [open, setOpen] = useState(isOpen);
  const { role, parts, finish } = message;
  const about = [bytes(lengthOf(message)), finish && `finish: ${finish}`, isOld && "as before"].filter(Boolean).join(" · ");
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
