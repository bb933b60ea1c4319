/**
 * Texts that are JSON.
 * @module
 */

/**
 * Parses a text if it is a JSON object or list; `undefined` otherwise.
 * @param {unknown} text
 */
export function parsed(text) {
  if (typeof text !== "string") return text !== null && typeof text === "object" ? text : undefined;
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
