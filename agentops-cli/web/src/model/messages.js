/**
 * Messages of a model call, from the forms in which they are recorded: the conventions' parts, and the wire forms of providers.
 * @module
 */

/**
 * @typedef {{ type: "text" | "reasoning", text: string }
 *   | { type: "call", name: string, id: string | null, input: any }
 *   | { type: "result", id: string | null, output: any }
 *   | { type: "other", name: string, value: any }} Part
 * @typedef {{ role: string, parts: Part[], finish: string | null }} Message
 */

/**
 * Returns the messages of a recorded value; `null` if it holds none.
 * @param {any} value JSON text or what it says
 * @param {string} role of what has no role
 * @returns {Message[] | null}
 */
export function messages(value, role) {
  const read = typeof value === "string" ? parsedOr(value) : value;
  if (typeof read === "string") return read ? [{ role, parts: [{ type: "text", text: read }], finish: null }] : null;
  const list = Array.isArray(read) ? read : isObject(read) && Array.isArray(read.messages) ? read.messages : null;
  if (!list || list.length === 0) return null;
  if (list.every(isMessage)) return list.map((/** @type {any} */ message) => messageOf(message, role));
  /** @type {Part[]} */
  const parts = list.flatMap(partsOf);
  return parts.some((part) => part.type !== "other") ? [{ role, parts, finish: null }] : null;
}

/**
 * Returns what a model call was sent: the instructions beside the messages come first.
 * @param {any} instructions
 * @param {any} input
 */
export function prompt(instructions, input) {
  const [system, sent] = [messages(instructions, "system"), messages(input, "user")];
  return system || sent ? [...(system ?? []), ...(sent ?? [])] : null;
}

/** @param {string} text */
function parsedOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {any} value */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** @param {any} value */
function isMessage(value) {
  return isObject(value) && (typeof value.role === "string" || Array.isArray(value.parts));
}

/**
 * @param {any} message
 * @param {string} role
 * @returns {Message}
 */
function messageOf(message, role) {
  const content = message.parts ?? message.content ?? [];
  const parts = (Array.isArray(content) ? content : [content]).flatMap(partsOf);
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.map(callOf) : [];
  const isResult = message.role === "tool" && message.tool_call_id !== undefined;
  const all = isResult ? [resultOf(message.tool_call_id, content)] : [...parts, ...calls];
  return { role: message.role ?? role, parts: all, finish: message.finish_reason || null };
}

/**
 * @param {any} part
 * @returns {Part[]}
 */
function partsOf(part) {
  if (part === null || part === undefined || part === "") return [];
  if (typeof part === "string") return [{ type: "text", text: part }];
  if (!isObject(part)) return [{ type: "other", name: typeof part, value: part }];
  const text = part.content ?? part.text ?? part.thinking;
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      return typeof text === "string" ? [{ type: "text", text }] : [{ type: "other", name: "text", value: text }];
    case "reasoning":
    case "thinking":
      return [{ type: "reasoning", text: typeof text === "string" ? text : JSON.stringify(part) }];
    case "tool_call":
    case "tool_use":
    case "function":
    case "function_call":
      return [callOf(part)];
    case "tool_call_response":
    case "tool_result":
    case "function_call_output":
      return [resultOf(part.id ?? part.tool_use_id ?? part.call_id, part.response ?? part.result ?? part.content ?? part.output)];
    default:
      return [{ type: "other", name: String(part.type ?? "part"), value: part }];
  }
}

/**
 * @param {any} call
 * @returns {Part}
 */
function callOf(call) {
  const called = isObject(call.function) ? call.function : call;
  const input = called.arguments ?? called.input ?? null;
  return {
    type: "call",
    name: String(called.name ?? "tool"),
    id: call.id ?? call.call_id ?? null,
    input: typeof input === "string" ? parsedOr(input) : input,
  };
}

/**
 * @param {any} id
 * @param {any} output
 * @returns {Part}
 */
function resultOf(id, output) {
  const texts = Array.isArray(output) ? output.flatMap(partsOf) : [];
  const isText = texts.length > 0 && texts.every((part) => part.type === "text");
  const text = isText ? texts.map((part) => /** @type {any} */ (part).text).join("\n") : output;
  return { type: "result", id: id ?? null, output: text };
}

/**
 * Returns the number of characters of a message, as it is read.
 * @param {Message} message
 */
export function lengthOf(message) {
  return message.parts.reduce((sum, part) => sum + partLength(part), 0);
}

/** @param {Part} part */
function partLength(part) {
  const value = part.type === "call" ? part.input : part.type === "result" ? part.output : part.type === "other" ? part.value : part.text;
  return typeof value === "string" ? value.length : (JSON.stringify(value) ?? "").length;
}
