/**
 * Attributes of a span by what they mean.
 * @module
 */

import { parsed } from "./json_text.js";

/** @typedef {import("../types.js").SpanDocument} SpanDocument */

/**
 * Returns the value of an attribute; the last one counts.
 * @param {SpanDocument} span
 * @param {string} key
 */
export function attribute(span, key) {
  return span.attributes.findLast(([name]) => name === key)?.[1];
}

/** @param {SpanDocument} span */
export function input(span) {
  return span.input === null ? undefined : attribute(span, span.input);
}

/** @param {SpanDocument} span */
export function output(span) {
  return span.output === null ? undefined : attribute(span, span.output);
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

/**
 * Attributes that no other tab shows.
 * @param {SpanDocument} span
 */
export function otherAttributes(span) {
  const elsewhere = [span.input, span.output, "gen_ai.system_instructions", "gen_ai.tool.definitions"];
  return span.attributes.filter(([key]) => !elsewhere.includes(key) && !DOCUMENT.test(key));
}

const DOCUMENT = /^(?:gen_ai\.)?retrieval\.documents(?:\.(\d+)\.document\.(.+))?$/;

/**
 * Documents that a retriever found: a list in one attribute, or an attribute for each member of each.
 * @param {SpanDocument} span
 * @returns {Record<string, any>[]}
 */
export function documents(span) {
  /** @type {Record<string, any>[]} */
  const found = [];
  for (const [key, value] of span.attributes) {
    const match = DOCUMENT.exec(key);
    if (!match) continue;
    if (match[1] === undefined) found.push(...[parsed(value) ?? []].flat().map(plain));
    else (found[Math.min(Number(match[1]), MOST_DOCUMENTS)] ??= {})[match[2]] = value;
  }
  return found.filter(Boolean);
}

const MOST_DOCUMENTS = 10000;

/** @param {any} document */
function plain(document) {
  if (document === null || typeof document !== "object") return { content: document };
  const inner = document.document ?? document;
  return Object.fromEntries(Object.entries(inner).map(([key, value]) => [key.replace(/^document\./, ""), value]));
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
    inputCost: number("agentops.usage.input_cost_usd"),
    outputCost: number("agentops.usage.output_cost_usd"),
  };
}
