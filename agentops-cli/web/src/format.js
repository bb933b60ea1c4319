/**
 * Numbers as people read them: three significant digits and a unit, rounded down, as the command line prints them.
 * @module
 */

const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIB = 1024;
/** Made once: `toLocaleString` makes one at each call, a third of the time of drawing a row. */
const GROUPED = new Intl.NumberFormat("en");

/** What stands where a number is unknown, which is not 0. */
export const NONE = "–";

/**
 * @param {number} number
 * @param {number} unit
 */
function threeDigits(number, unit) {
  const whole = Math.floor(number / unit);
  const digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
  const scale = 10 ** digits;
  return (Math.floor((number * scale) / unit) / scale).toFixed(digits);
}

/**
 * Formats nanoseconds: `45.9 ms`, `3.20 s`, `2 min 14 s`.
 * @param {number | null | undefined} nanos
 * @returns {string}
 */
export function duration(nanos) {
  if (nanos === null || nanos === undefined) return NONE;
  if (nanos < 0) return `−${duration(-nanos)}`;
  if (nanos >= HOUR) return `${Math.floor(nanos / HOUR)} h ${Math.floor((nanos % HOUR) / MINUTE)} min`;
  if (nanos >= MINUTE) return `${Math.floor(nanos / MINUTE)} min ${Math.floor((nanos % MINUTE) / SECOND)} s`;
  if (nanos >= SECOND) return `${threeDigits(nanos, SECOND)} s`;
  if (nanos >= MILLI) return `${threeDigits(nanos, MILLI)} ms`;
  if (nanos >= MICRO) return `${threeDigits(nanos, MICRO)} µs`;
  return `${nanos} ns`;
}

/**
 * Formats nanoseconds exactly, for a title.
 * @param {number | null | undefined} nanos
 */
export function exactDuration(nanos) {
  return nanos === null || nanos === undefined ? NONE : `${GROUPED.format(nanos)} ns`;
}

/**
 * Formats a count: `61`, `3.79k`, `1.20M`.
 * @param {number | null | undefined} number
 * @returns {string}
 */
export function count(number) {
  if (number === null || number === undefined) return NONE;
  if (number < 0) return `−${count(-number)}`;
  if (number >= 1e9) return `${threeDigits(number, 1e9)}G`;
  if (number >= 1e6) return `${threeDigits(number, 1e6)}M`;
  if (number >= 1e3) return `${threeDigits(number, 1e3)}k`;
  return String(number);
}

/**
 * Formats tokens of input and output: `3.79k → 61`.
 * @param {number | null | undefined} input
 * @param {number | null | undefined} output
 */
export function tokens(input, output) {
  const isUnknown = (input ?? null) === null && (output ?? null) === null;
  return isUnknown ? NONE : `${count(input)} → ${count(output)}`;
}

/**
 * Formats US dollars with at least two significant digits: `$1.84`, `$0.0031`.
 * @param {number | null | undefined} usd
 */
export function dollars(usd) {
  if (usd === null || usd === undefined) return NONE;
  let digits = 2;
  while (digits < 12 && usd > 0 && usd * 10 ** digits < 10) digits += 1;
  const [whole, part] = Math.abs(usd).toFixed(digits).split(".");
  return `${usd < 0 ? "−" : ""}$${GROUPED.format(Number(whole))}.${part}`;
}

/**
 * Formats a size: `820 B`, `1.20 MiB`.
 * @param {number} number
 */
export function bytes(number) {
  if (number >= KIB ** 3) return `${threeDigits(number, KIB ** 3)} GiB`;
  if (number >= KIB ** 2) return `${threeDigits(number, KIB ** 2)} MiB`;
  if (number >= KIB) return `${threeDigits(number, KIB)} KiB`;
  return `${number} B`;
}

/**
 * Formats a share: `61 %`.
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  if (!(whole > 0)) return NONE;
  const share = (100 * part) / whole;
  return share > 0 && share < 1 ? "< 1 %" : `${Math.floor(share)} %`;
}

/**
 * Formats a noun with its number: `1 span`, `3 spans`.
 * @param {number} number
 * @param {string} noun
 */
export function counted(number, noun) {
  return `${GROUPED.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * Nanoseconds since 1970 as milliseconds, which a `Date` takes.
 * @param {string} nanos
 */
export function millis(nanos) {
  return Number(BigInt(nanos) / 1000000n);
}

/**
 * Formats an age: `12 s ago`, `2 min ago`, `3 d ago`.
 * @param {number} milliseconds
 */
export function ago(milliseconds) {
  const age = Math.max(milliseconds, 0) * MILLI;
  if (age >= DAY) return `${Math.floor(age / DAY)} d ago`;
  if (age >= HOUR) return `${Math.floor(age / HOUR)} h ago`;
  if (age >= MINUTE) return `${Math.floor(age / MINUTE)} min ago`;
  return `${Math.floor(age / SECOND)} s ago`;
}

/**
 * Formats a moment by the clock of the reader, with the day unless it is today.
 * @param {string} nanos
 * @param {number} [now] milliseconds
 */
export function moment(nanos, now = Date.now()) {
  const date = new Date(millis(nanos));
  const time = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date(now).toDateString() ? time : `${day(date)} ${time}`;
}

/** @param {Date} date */
function day(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Formats a moment exactly, for a title.
 * @param {string} nanos
 */
export function exactMoment(nanos) {
  return `${new Date(millis(nanos)).toISOString().slice(0, 19)}.${nanos.slice(-9)} UTC`;
}
