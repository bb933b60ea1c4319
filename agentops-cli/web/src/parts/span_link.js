/**
 * A link to another span of a session, which keeps what else the address says.
 * @module
 */

import { html } from "../html.js";
import { sessionAddress } from "../route.js";
import { kindName } from "./kind.js";

/**
 * @param {{ session: import("../model/session.js").Session, node: number, select: (node: number) => void, title?: string, children?: any }} props
 */
export function SpanLink({ session, node, select, title, children }) {
  const choose = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(node);
  };
  return html`<a href=${sessionAddress(session.columns.id, session.id(node))} title=${title} onClick=${choose}>${children ?? `${kindName(session.kind(node))} ${session.title(node)}`}</a>`;
}
