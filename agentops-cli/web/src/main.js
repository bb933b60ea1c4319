/**
 * The page of `agentops view`, and of the files that it exports.
 * @module
 */

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api.js";
import { useKeys } from "./hooks.js";
import { html } from "./html.js";
import { go, replace, sessionAddress, useRoute } from "./route.js";
import { DiffScreen } from "./screens/diff.js";
import { Help } from "./screens/help.js";
import { ListScreen } from "./screens/list.js";
import { Problem } from "./screens/problem.js";
import { SessionScreen } from "./screens/session.js";

function App() {
  const route = useRoute();
  const [isGone, setGone] = useState(false);
  const [isHelp, setHelp] = useState(false);
  const lastKey = useRef("");
  useKeys((key) => {
    const before = lastKey.current;
    lastKey.current = key;
    if (key === "/") {
      const search = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-search]"));
      search?.focus();
      search?.select();
      return true;
    }
    if (key === "?") {
      setHelp(true);
      return true;
    }
    if (key === "l" && before === "g" && !api.embeddedSession()) {
      go("#/");
      return true;
    }
    if ((key === "[" || key === "]") && route.screen === "session") {
      beside(route.ids[0], key === "]" ? 1 : -1);
      return true;
    }
    return false;
  });
  useEffect(() => {
    document.title = { list: "agentops", session: `session ${route.ids[0]?.slice(0, 8)} – agentops`, diff: "compare – agentops", unknown: "agentops" }[route.screen];
  }, [route]);
  return html`
    ${isGone && html`<p class="gone" role="alert">\`agentops view\` has ended. Start it again, and this page goes on; what was read stays here.</p>`}
    <${Screen} route=${route} setGone=${setGone} />
    <button type="button" class="help-button quiet" onClick=${() => setHelp(true)} title="key ?"><span aria-hidden="true">?</span><span class="visually-hidden">keys</span></button>
    ${isHelp && html`<${Help} close=${() => setHelp(false)} />`}
  `;
}

/** @param {{ route: import("./route.js").Route, setGone: (isGone: boolean) => void }} props */
function Screen({ route, setGone }) {
  if (route.screen === "session") return html`<${SessionScreen} route=${route} setGone=${setGone} />`;
  if (route.screen === "diff") return html`<${DiffScreen} route=${route} />`;
  if (route.screen === "list") return html`<${ListScreen} route=${route} setGone=${setGone} />`;
  return html`<${Problem} error=${new Error("this address names no session; it may have been cut when it was copied")} />`;
}

/**
 * Goes to the session that started after or before one.
 * @param {string} id
 * @param {number} step
 */
async function beside(id, step) {
  if (api.embeddedSession()) return;
  const { sessions } = await api.sessions();
  const sorted = sessions.sort((one, other) => (BigInt(one.start) < BigInt(other.start) ? -1 : 1));
  const next = sorted[sorted.findIndex((session) => session.id === id) + step];
  if (next) go(sessionAddress(next.id));
}

const data = document.getElementById("agentops-session");
if (data) {
  const embedded = JSON.parse(data.textContent ?? "null");
  api.embed(embedded);
  if (!location.hash || location.hash === "#/") replace(sessionAddress(embedded.session.id));
}
const place = /** @type {HTMLElement} */ (document.getElementById("app"));
place.replaceChildren();
render(html`<${App} />`, place);
