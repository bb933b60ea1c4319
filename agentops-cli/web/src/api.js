/**
 * Data of the page: from the server that it came from, or from the file that it stands in.
 * @module
 */

/** @typedef {import("./types.js").SessionList} SessionList */
/** @typedef {import("./types.js").SessionColumns} SessionColumns */
/** @typedef {import("./types.js").SpanDocument} SpanDocument */
/** @typedef {import("./types.js").CallsDocument} CallsDocument */
/** @typedef {import("./types.js").SearchHit} SearchHit */
/** @typedef {import("./types.js").DiffDocument} DiffDocument */

/**
 * A session in the file that the page stands in.
 * @typedef {object} Embedded
 * @property {SessionColumns} session
 * @property {string} about what the file holds and leaves out
 */

/**
 * The content of its spans, which stands behind the script.
 * @typedef {object} EmbeddedContent
 * @property {Record<string, SpanDocument>} spans
 * @property {CallsDocument} calls
 * @property {import("./types.js").SessionTotals} totals
 */

/** Error that says what to do. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {string[]} [near]
   */
  constructor(message, near = []) {
    super(message);
    this.near = near;
  }
}

/** The server does not answer. */
export class ServerGone extends ApiError {
  constructor() {
    super("`agentops view` has ended; start it again, and this page goes on");
  }
}

/** @type {Embedded | null} */
let embedded = null;

/** @param {Embedded} data */
export function embed(data) {
  embedded = data;
}

/** @type {Promise<EmbeddedContent> | null} */
let content = null;

/** Reads the content of the file, once all of the file is there. */
function embeddedContent() {
  content ??= new Promise((resolve) => {
    if (document.readyState !== "loading") resolve(null);
    else document.addEventListener("DOMContentLoaded", () => resolve(null), { once: true });
  }).then(parseContent);
  return content;
}

function parseContent() {
  try {
    return JSON.parse(document.getElementById("agentops-content")?.textContent ?? "");
  } catch {
    throw new ApiError("the end of this file is missing; copy it again");
  }
}

export function embeddedSession() {
  return embedded;
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new ServerGone();
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(answer.error ?? `the server answered ${response.status}`, answer.near);
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function json(path, signal) {
  const response = await request(path, { signal });
  return response.status === 204 ? null : response.json();
}

/** @param {Record<string, string | number | null | undefined>} values */
function query(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  return text && `?${text}`;
}

/**
 * Returns all sessions, or what changed since a version.
 * @param {string} [version]
 * @returns {Promise<SessionList>}
 */
export function sessions(version) {
  return json(`api/sessions${query({ version })}`);
}

/**
 * Returns a session; `null` if nothing changed since a version.
 * @param {string} id
 * @param {string} [version]
 * @returns {Promise<SessionColumns | null>}
 */
export async function session(id, version) {
  if (embedded) return embedded.session.version === version ? null : embedded.session;
  return json(`api/s/${id}${query({ version })}`);
}

/** Content that was read, which never changes once a span has ended. */
const spans = new Map();
const MOST_KEPT = 200;

/**
 * @param {string} session
 * @param {string} id
 * @returns {Promise<SpanDocument>}
 */
export async function span(session, id) {
  if (embedded) {
    const found = (await embeddedContent()).spans[id];
    if (!found) throw new ApiError("this file was written without the content of spans");
    return found;
  }
  const key = `${session}/${id}`;
  const kept = spans.get(key);
  if (kept) return kept;
  const document = await json(`api/s/${session}/${id}`);
  if (spans.size >= MOST_KEPT) spans.delete(spans.keys().next().value);
  spans.set(key, document);
  return document;
}

/**
 * Gives a session, or a span of it, a score.
 * @param {string} session
 * @param {Partial<import("./types.js").Score>} score
 */
export async function giveScore(session, score) {
  const headers = { "Content-Type": "application/json" };
  await request(`api/s/${session}/scores`, { method: "POST", headers, body: JSON.stringify(score) });
}

/**
 * Returns a span as the command line prints it.
 * @param {string} session
 * @param {string} id
 * @param {"curl" | "md"} format
 */
export async function spanText(session, id, format) {
  return (await request(`api/s/${session}/${id}/${format}`)).text();
}

/**
 * @param {string} session
 * @returns {Promise<CallsDocument>}
 */
export async function calls(session) {
  return embedded ? (await embeddedContent()).calls : json(`api/s/${session}/calls`);
}

/**
 * @param {string} a
 * @param {string} b
 * @returns {Promise<DiffDocument>}
 */
export function diff(a, b) {
  return json(`api/diff${query({ a, b })}`);
}

/**
 * Returns the totals of the sessions that a filter selects.
 * @param {string} by `model`, `agent`, `tool` or `day`
 * @param {{ q: string | null, state: string | null, days: string | null }} filter
 * @returns {Promise<import("./types.js").StatsDocument>}
 */
export function stats(by, { q, state, days }) {
  return json(`api/stats${query({ by, q, state, since: days && `${days}d` })}`);
}

/**
 * Returns the totals of a session by model, agent and tool.
 * @param {string} session
 * @returns {Promise<import("./types.js").SessionTotals>}
 */
export async function totals(session) {
  return embedded ? (await embeddedContent()).totals : json(`api/s/${session}/totals`);
}

const END = { more: false, error: null, faults: null };
/** Kinds of spans, which nobody wrote: `agentops search` leaves them out, too. */
const KINDS = ["agentops.span.kind", "openinference.span.kind"];
/** Characters that are shown around a hit. */
const AROUND = 40;

/**
 * Returns the first hit in each attribute of the spans of a file.
 * @param {SessionColumns} session
 * @param {Record<string, SpanDocument>} spans
 * @param {string} text
 */
function searchEmbedded(session, spans, text) {
  const wanted = text.toLowerCase();
  /** @type {SearchHit[]} */
  const hits = [];
  for (const { id, name, kind, attributes, events, status } of Object.values(spans)) {
    const contents = attributes.filter(([key]) => !KINDS.includes(key));
    const fields = [...contents, ["error", status.message], ...events.flatMap((event) => event.attributes)];
    for (const [field, value] of fields) {
      const whole = typeof value === "string" ? value : JSON.stringify(value);
      const at = whole.toLowerCase().indexOf(wanted);
      if (at < 0) continue;
      const end = at + wanted.length;
      const around = { before: whole.slice(Math.max(at - AROUND, 0), at), hit: whole.slice(at, end), after: whole.slice(end, end + AROUND) };
      hits.push({ session: session.id, session_name: session.name, span: id, kind, name, field, ...around });
    }
  }
  return hits;
}

/**
 * Searches names and content, and calls `found` with the hits as they come.
 * @param {string} text
 * @param {string | null} session
 * @param {AbortSignal} signal
 * @param {(hits: SearchHit[], end: { more: boolean, error: string | null, faults: import("./types.js").Faults | null } | null) => void} found
 */
export async function search(text, session, signal, found) {
  if (embedded) return found(searchEmbedded(embedded.session, (await embeddedContent()).spans, text), END);
  const response = await request(`api/search${query({ q: text, session, case: 0 })}`, { signal });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    const answers = lines.filter(Boolean).map((line) => JSON.parse(line));
    const end = answers.find((answer) => answer.done);
    const hits = answers.filter((answer) => !answer.done);
    if (hits.length > 0 || end) found(hits, end ?? null);
    if (done) return;
  }
}
