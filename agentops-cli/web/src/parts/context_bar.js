/**
 * What a model call is sent, by who wrote it, in characters: the tokens of a message are not known.
 * @module
 */

import { percent } from "../format.js";
import { html } from "../html.js";

export const ROLES = ["system", "user", "assistant", "tool", "other"];

/**
 * @param {{ context: Record<string, number> | undefined, label: string, width?: number }} props `width` is a share
 */
export function ContextBar({ context, label, width = 1 }) {
  const shown = context ?? { other: 1 };
  const text = context ? `${label}: ${shares(context)}` : label;
  return html`<div class="context-bar" style=${{ width: `${Math.max(100 * width, 0.5)}%` }} role="img" aria-label=${text} title=${text}>
    ${ROLES.filter((role) => shown[role] > 0).map((role) => html`<span key=${role} class="role-${role}" style=${{ flexGrow: shown[role] }}></span>`)}
  </div>`;
}

/** @param {Record<string, number>} context */
export function shares(context) {
  const whole = Object.values(context).reduce((sum, length) => sum + length, 0);
  return ROLES.filter((role) => context[role] > 0).map((role) => `${role} ${percent(context[role], whole)}`).join(", ");
}
