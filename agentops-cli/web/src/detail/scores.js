/**
 * Scores of a span or of the session, and a small form that gives one.
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { giveScore } from "../api.js";
import { exactMoment, moment } from "../format.js";
import { html } from "../html.js";
import { LongText } from "../parts/json_tree.js";

/** @typedef {import("../types.js").Score} Score */
/** @typedef {import("../model/session.js").Session} Session */

/** What a thumb says: the name is that of the evaluators of other tools, so that people and they can be compared. */
const THUMBS = [
  { key: "up", value: 1, label: "correct" },
  { key: "down", value: 0, label: "incorrect" },
];
const THUMB_NAME = "correctness";
const NUMBER_NAME = "quality";

/** @param {{ session: Session, node: number, refresh: () => void }} props */
export function Scores({ session, node, refresh }) {
  const scores = session.scores(node);
  const mayScore = session.columns.may_score && !session.isOpen(node);
  if (scores.length === 0 && !mayScore) return null;
  return html`<section class="scores" aria-label="scores">
    ${scores.length > 0 && html`<ul>${scores.map((score, index) => html`<li key=${index}>
      <span class="scored" aria-hidden="true">★</span> <strong>${score.name || "–"}</strong> ${scoreText(score)}${" "}
      <span class="muted" title=${exactMoment(score.time)}>${[score.author, moment(score.time)].filter(Boolean).join(", ")}</span>
      ${score.explanation && html`<p><${LongText} text=${score.explanation} /></p>`}
    </li>`)}</ul>`}
    ${mayScore && html`<${ScoreForm} session=${session} node=${node} refresh=${refresh} />`}
  </section>`;
}

/**
 * Value and label in few words.
 * @param {Score} score
 */
export function scoreText({ value, label }) {
  return [value, label].filter((part) => part !== null).join(" ");
}

/** @param {{ session: Session, node: number, refresh: () => void }} props */
function ScoreForm({ session, node, refresh }) {
  const [choice, setChoice] = useState("");
  const [error, setError] = useState("");
  const [said, setSaid] = useState("");
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  const chosen = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (choice) first.current?.focus();
  }, [choice]);
  const choose = (/** @type {string} */ next) => (/** @type {any} */ event) => {
    chosen.current = event.currentTarget;
    setError("");
    setSaid("");
    setChoice(choice === next ? "" : next);
  };
  const leave = () => {
    setChoice("");
    setError("");
    chosen.current?.focus();
  };
  const submit = async (/** @type {any} */ event) => {
    event.preventDefault();
    const fields = event.currentTarget.elements;
    const thumb = THUMBS.find(({ key }) => key === choice);
    const text = thumb ? "" : fields.value.value.trim();
    // The name may be that of another scale, so any number is one; a comma is one of a German keyboard.
    const value = thumb ? thumb.value : Number(text.replace(",", "."));
    if (!thumb && (text === "" || !Number.isFinite(value))) {
      setError("Write a number, such as 0.8.");
      fields.value.focus();
      return;
    }
    try {
      await giveScore(session.columns.id, {
        span: node === 0 ? null : session.id(node),
        name: thumb ? THUMB_NAME : fields.name.value.trim() || NUMBER_NAME,
        value,
        label: thumb ? thumb.label : null,
        explanation: fields.explanation.value.trim() || null,
      });
      leave();
      setSaid("The score is saved.");
      refresh();
    } catch (error) {
      setError(/** @type {Error} */ (error).message);
    }
  };
  const left = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  };
  return html`<div class="score-form" onKeyDown=${choice ? left : undefined}>
    <p class="actions">
      ${THUMBS.map(({ key, label }) => html`<button type="button" key=${key} class="quiet thumb" aria-pressed=${choice === key} title=${label}
        aria-label=${`score as ${label}`} onClick=${choose(key)}><${Thumb} isUp=${key === "up"} /></button>`)}
      <button type="button" class="quiet" aria-pressed=${choice === "number"} onClick=${choose("number")}>Score</button>
    </p>
    ${choice && html`<form key=${choice} onSubmit=${submit} noValidate>
      ${choice === "number" && html`
        <label>Score <input ref=${first} name="value" inputmode="decimal" autocomplete="off" aria-describedby="score-error" /></label>
        <label>of <input name="name" value=${NUMBER_NAME} maxlength="100" autocomplete="off" /></label>`}
      <label class="wide">Comment <input ref=${choice === "number" ? null : first} name="explanation" maxlength="10000" autocomplete="off" /></label>
      <button type="submit" class="primary">Save</button>
    </form>`}
    <p id="score-error" class=${error ? "problem" : "visually-hidden"} role=${error ? "alert" : "status"}>${error || said}</p>
  </div>`;
}

/** @param {{ isUp: boolean }} props */
function Thumb({ isUp }) {
  return html`<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" class=${isUp ? "" : "down"}>
    <path d="M1.5 7h2.5v7H1.5zM4 7.2 7 1.5c1.3 0 1.9.9 1.6 2.2L8 6.2h4.7c1 0 1.7.9 1.5 1.8l-1 4.6c-.2.8-.8 1.4-1.6 1.4H4" />
  </svg>`;
}
