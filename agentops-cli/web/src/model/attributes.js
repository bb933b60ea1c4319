/**
 * Attributes of a span by what they mean.
 * @module
 */

/** @typedef {import("../types.js").SpanDocument} SpanDocument */

const INPUTS = ["gen_ai.input.messages", "input.value", "gen_ai.tool.call.arguments", "agentops.entity.input"];
const OUTPUTS = ["gen_ai.output.messages", "output.value", "gen_ai.tool.call.result", "agentops.entity.output"];

/** Attributes that are shown elsewhere than in the table of parameters. */
const ELSEWHERE = new Set([...INPUTS, ...OUTPUTS, "gen_ai.system_instructions", "gen_ai.tool.definitions"]);

/**
 * Returns the value of an attribute; the last one counts.
 * @param {SpanDocument} span
 * @param {string} key
 */
export function attribute(span, key) {
  return span.attributes.findLast(([name]) => name === key)?.[1];
}

/**
 * @param {SpanDocument} span
 * @param {string[]} keys the one that says most first
 */
function firstOf(span, keys) {
  for (const key of keys) {
    const value = attribute(span, key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** @param {SpanDocument} span */
export function input(span) {
  return firstOf(span, INPUTS);
}

/** @param {SpanDocument} span */
export function output(span) {
  return firstOf(span, OUTPUTS);
}

/**
 * Parameters of a model call, by short names.
 * @param {SpanDocument} span
 * @returns {[string, any][]}
 */
export function parameters(span) {
  const known = span.attributes.filter(([key]) => key.startsWith("gen_ai.request.") && key !== "gen_ai.request.model");
  return known.map(([key, value]) => [key.slice("gen_ai.request.".length).replaceAll("_", " "), value]);
}

/** @param {SpanDocument} span */
export function otherAttributes(span) {
  return span.attributes.filter(([key]) => !ELSEWHERE.has(key));
}

/**
 * Tokens of a model call.
 * @param {SpanDocument} span
 */
export function usage(span) {
  const number = (/** @type {string} */ key) => {
    const value = attribute(span, key);
    return value === undefined || value === null ? null : Number(value);
  };
  return {
    input: number("gen_ai.usage.input_tokens"),
    output: number("gen_ai.usage.output_tokens"),
    cached: number("gen_ai.usage.cache_read.input_tokens"),
    written: number("gen_ai.usage.cache_creation.input_tokens"),
    reasoning: number("gen_ai.usage.reasoning.output_tokens"),
    cost: number("agentops.usage.cost_usd"),
  };
}
