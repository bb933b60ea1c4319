/**
 * The mark of a kind: a letter, a colour and a shape of its own, never colour alone.
 * @module
 */

import { html } from "../html.js";

/** @type {Record<string, { letter: string, name: string, shape: string }>} */
const KINDS = {
  session: { letter: "S", name: "session", shape: "circle" },
  agent: { letter: "A", name: "agent", shape: "diamond" },
  llm: { letter: "L", name: "model call", shape: "bar" },
  tool: { letter: "T", name: "tool", shape: "square" },
  retriever: { letter: "R", name: "retriever", shape: "square" },
  guardrail: { letter: "G", name: "guardrail", shape: "shield" },
  task: { letter: "K", name: "task", shape: "round" },
  workflow: { letter: "W", name: "workflow", shape: "round" },
  operation: { letter: "O", name: "operation", shape: "round" },
  chain: { letter: "C", name: "chain", shape: "round" },
  text: { letter: "X", name: "text", shape: "round" },
};
const OTHER = { letter: "·", name: "span", shape: "round" };

/** @param {string} kind */
export function kindName(kind) {
  return KINDS[kind]?.name ?? (kind || OTHER.name);
}

/** Class of the colour of a kind. @param {string} kind */
export function kindClass(kind) {
  return kind in KINDS ? `kind-${kind}` : "kind-other";
}

/** @param {{ kind: string, isNamed?: boolean }} props `isNamed`: its name is read aloud, too */
export function KindMark({ kind, isNamed = false }) {
  const { letter, name, shape } = KINDS[kind] ?? OTHER;
  const label = isNamed ? { role: "img", "aria-label": kindName(kind) } : { "aria-hidden": true };
  return html`<span class="mark ${kindClass(kind)} shape-${shape}" title=${name} ...${label}>${letter}</span>`;
}
