/**
 * Differences between the messages of two model calls.
 * @module
 */

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("./messages.js").Part} Part */

/**
 * Returns the messages that differ, by their number in the newer list: those between a common start and a common end in pairs.
 * @param {Message[]} older
 * @param {Message[]} newer
 * @returns {{ number: number, older: Message | null, newer: Message | null }[]}
 */
export function messageChanges(older, newer) {
  const [before, after] = [older, newer].map((list) => list.map(({ role, parts }) => JSON.stringify([role, parts])));
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [gone, come] = [older.slice(start, older.length - end), newer.slice(start, newer.length - end)];
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({
    number: start + index + 1,
    older: gone[index] ?? null,
    newer: come[index] ?? null,
  }));
}

/**
 * Returns a message as one text.
 * @param {Message} message
 */
export function textOf({ parts }) {
  return parts.map(partText).join("\n\n");
}

/** @param {Part} part */
function partText(part) {
  const shown = (/** @type {any} */ value) => (typeof value === "string" ? value : JSON.stringify(value));
  if (part.type === "call") return `${part.name}(${shown(part.input)})`;
  return shown(part.type === "result" ? part.output : part.type === "other" ? part.value : part.text);
}
