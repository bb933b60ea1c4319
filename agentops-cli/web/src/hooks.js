/**
 * Ways in which screens wait: for answers, for time, for room, for keys.
 * @module
 */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ServerGone } from "./api.js";

/**
 * What was asked for: not there yet, there, or not to be had.
 * @template T
 * @typedef {{ value: T | null, error: Error | null, isLoading: boolean }} Answer
 */

/**
 * Asks once for each key.
 * @template T
 * @param {string | null} key nothing is asked for `null`
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @returns {Answer<T>}
 */
export function useAnswer(key, ask) {
  const [answer, setAnswer] = useState(/** @type {Answer<T> & { key: string | null }} */ ({ key: null, value: null, error: null, isLoading: true }));
  useEffect(() => {
    if (key === null) return undefined;
    const stop = new AbortController();
    ask(stop.signal).then(
      (value) => stop.signal.aborted || setAnswer({ key, value, error: null, isLoading: false }),
      (error) => stop.signal.aborted || setAnswer({ key, value: null, error, isLoading: false }),
    );
    return () => stop.abort();
  }, [key]);
  return answer.key === key ? answer : { value: null, error: null, isLoading: key !== null };
}

/**
 * Asks again and again: after an answer, after an error, and at once when the page is looked at again. It rests while it is
 * not looked at.
 * @param {() => Promise<number | null>} ask returns the milliseconds until it is asked next; `null` for never
 * @param {unknown[]} inputs
 * @returns {() => void} asks at once
 */
export function usePoll(ask, inputs) {
  const again = useRef(() => {});
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let isStopped = false;
    const poll = async () => {
      clearTimeout(timer);
      if (isStopped || document.hidden) return;
      const wait = await ask();
      // Another one may have been asked meanwhile.
      clearTimeout(timer);
      if (!isStopped && wait !== null) timer = setTimeout(poll, wait);
    };
    const lookedAt = () => document.hidden || poll();
    document.addEventListener("visibilitychange", lookedAt);
    again.current = poll;
    poll();
    return () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", lookedAt);
    };
  }, inputs);
  return useCallback(() => again.current(), []);
}

/** Milliseconds after which a server that is gone is asked again. */
export const RETRY = 2000;

/** @param {unknown} error */
export function isGone(error) {
  return error instanceof ServerGone;
}

/**
 * The moment, anew each so many milliseconds, as long as something changes with it.
 * @param {boolean} isTicking
 * @param {number} [every]
 */
export function useNow(isTicking, every = 1000) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [isTicking, every]);
  return now;
}

/**
 * Room of an element, and where it is scrolled to.
 * @returns {[import("preact").RefObject<HTMLElement>, { width: number, height: number, top: number }]}
 */
export function useViewport() {
  /** @type {import("preact").RefObject<any>} */
  const element = useRef(null);
  const [viewport, setViewport] = useState({ width: 0, height: 0, top: 0 });
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return undefined;
    const measure = () => {
      const next = { width: box.clientWidth, height: box.clientHeight, top: box.scrollTop };
      setViewport((last) =>
        last.width === next.width && last.height === next.height && last.top === next.top ? last : next,
      );
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    box.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", measure);
    };
  }, []);
  return [element, viewport];
}

/**
 * A value that is kept for the next visit, such as a width.
 * @param {string} name
 * @param {string} initial
 * @returns {[string, (value: string) => void]}
 */
export function useKept(name, initial) {
  const [value, setValue] = useState(() => kept(name) ?? initial);
  const keep = (/** @type {string} */ next) => {
    setValue(next);
    try {
      localStorage.setItem(`agentops.${name}`, next);
    } catch {
      // A file or a private window may have no storage; then it is not kept.
    }
  };
  return [value, keep];
}

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(`agentops.${name}`);
  } catch {
    return null;
  }
}

/**
 * Calls `pressed` for keys, but never while somebody types.
 * @param {(key: string, event: KeyboardEvent) => boolean | void} pressed returns `true` if the key meant something
 */
export function useKeys(pressed) {
  const latest = useRef(pressed);
  latest.current = pressed;
  useEffect(() => {
    const listen = (/** @type {KeyboardEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open]")) return;
      if (latest.current(event.key, event)) event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
