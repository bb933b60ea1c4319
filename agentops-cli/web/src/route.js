/**
 * Addresses of the page, all behind `#`, so that they are the same in an exported file.
 *
 * ```text
 * #/?q=…&state=failed&since=7&sort=cost          list
 * #/s/SESSION[/SPAN]?tab=io&zoom=a-b&…           session
 * #/d/OLDER/NEWER[/ROW]?only=changed|all         diff
 * ```
 * @module
 */

import { useEffect, useState } from "preact/hooks";

/**
 * @typedef {object} Route
 * @property {"list" | "session" | "diff" | "unknown"} screen
 * @property {string[]} ids
 * @property {URLSearchParams} options
 */

const SCREENS = /** @type {const} */ ({ "": "list", s: "session", d: "diff" });
const ID = /^[0-9a-f]{1,32}$/;

/**
 * @param {string} hash
 * @returns {Route}
 */
export function parse(hash) {
  const [path, options] = split(hash.replace(/^#\/?/, ""));
  const [first, ...ids] = path.split("/").filter(Boolean);
  const screen = SCREENS[/** @type {keyof typeof SCREENS} */ (first ?? "")];
  const isKnown = screen !== undefined && ids.every((id) => ID.test(id)) && isComplete(screen, ids);
  return { screen: isKnown ? screen : "unknown", ids, options: new URLSearchParams(options) };
}

/** @param {string} text */
function split(text) {
  const at = text.indexOf("?");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * @param {string} screen
 * @param {string[]} ids
 */
function isComplete(screen, ids) {
  const least = { list: 0, session: 1, diff: 2 }[screen] ?? 0;
  const most = { list: 0, session: 2, diff: 3 }[screen] ?? 0;
  return ids.length >= least && ids.length <= most;
}

/**
 * @param {string} path
 * @param {Record<string, string | null | undefined>} [options]
 */
export function address(path, options = {}) {
  const known = Object.entries(options).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(/** @type {[string, string][]} */ (known)).toString();
  return `#/${path}${text && `?${text}`}`;
}

/**
 * @param {string} id
 * @param {string} [span]
 */
export function sessionAddress(id, span) {
  return address(span ? `s/${id}/${span}` : `s/${id}`);
}

/**
 * @param {string} older
 * @param {string} newer
 * @param {number} [row]
 */
export function diffAddress(older, newer, row) {
  return address(row === undefined ? `d/${older}/${newer}` : `d/${older}/${newer}/${row}`);
}

/** Options of the address, which stay when something else is selected. */
export function optionsText() {
  const [, options] = split(location.hash);
  return options && `?${options}`;
}

/**
 * Changes options of the address that is shown. The way back skips it.
 * @param {Record<string, string | null>} changes
 */
export function replaceOptions(changes) {
  if (awaited !== null) replace(awaited);
  const [path] = split(location.hash.replace(/^#\/?/, ""));
  const options = parse(location.hash).options;
  for (const [key, value] of Object.entries(changes)) {
    if (value) options.set(key, value);
    else options.delete(key);
  }
  replace(address(path, Object.fromEntries(options)));
}

/**
 * Milliseconds for which the address waits for the next key press. To write it takes 2 ms, and a browser refuses to after some
 * hundred times within seconds.
 */
const PAUSE = 150;
/** @type {string | null} */
let awaited = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Changes the address once no other change has come for a moment. The way back skips it.
 * @param {string} hash
 */
export function replaceSoon(hash) {
  forget();
  awaited = hash;
  const shown = location.hash;
  timer = setTimeout(() => {
    // A link may have been followed, of which no event has told yet.
    if (location.hash === shown) replace(hash);
  }, PAUSE);
}

function forget() {
  clearTimeout(timer);
  awaited = null;
}

/** @param {string} hash */
export function replace(hash) {
  forget();
  if (hash === location.hash) return;
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** @param {string} hash */
export function go(hash) {
  forget();
  location.hash = hash;
}

/** The route of the address, which changes with it. */
export function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => {
      forget();
      setRoute(parse(location.hash));
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
