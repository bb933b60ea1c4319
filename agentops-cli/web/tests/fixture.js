/**
 * Sessions as the library writes them, made by hand: a file a session, lines of OTLP/JSON, the root alone on the last.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MILLI = 1_000_000n;
/** Start of the first session: a fixed moment, yesterday's in no year. */
export const START = 1_795_859_196_000_000_000n;

/** A value as OTLP has it. */
function any(value) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(any) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function attributes(values) {
  return Object.entries(values).map(([key, value]) => ({ key, value: any(value) }));
}

/** Id of the span with a number. */
export function spanId(number) {
  return number.toString(16).padStart(16, "0");
}

/** Id of the session with a number. */
export function traceId(number) {
  return number.toString(16).padStart(8, "0") + "0".repeat(23) + "1";
}

/**
 * A span. `at` is its start and end in milliseconds since the session began; `more` are attributes.
 */
export function span(number, parent, kind, name, at, more = {}, rest = {}) {
  return { number, parent, kind, name, at, more, ...rest };
}

/** Attributes of a model call. */
export function called(model, input, output, cost, more = {}) {
  return {
    "gen_ai.request.model": model,
    "gen_ai.usage.input_tokens": input,
    "gen_ai.usage.output_tokens": output,
    "agentops.usage.cost_usd": cost,
    ...more,
  };
}

function written(trace, start, { number, parent, kind, name, at, more, error, events = [], links = [] }) {
  const time = (milliseconds) => String(start + BigInt(Math.round(milliseconds * 1e6)));
  return {
    traceId: traceId(trace),
    spanId: spanId(number),
    parentSpanId: parent ? spanId(parent) : "",
    flags: 257,
    name,
    kind: 1,
    startTimeUnixNano: time(at[0]),
    endTimeUnixNano: time(at[1]),
    attributes: attributes({ "agentops.span.kind": kind, "operation.name": name, "code.function.name": `demo::${name}`, ...more }),
    events: events.map((event) => ({ timeUnixNano: time(event.at), name: event.name, attributes: attributes(event.attributes ?? {}) })),
    links,
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

export function line(trace, start, spans, service = "demo") {
  const resource = { attributes: attributes({ "service.name": service }) };
  const scope = { scope: { name: "agentops", version: "0.1.0" }, spans: spans.map((span) => written(trace, start, span)) };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [scope] }] }) + "\n";
}

/** A score of a session as the page writes it: a log record of OTLP. */
export function scoreLine(trace, values) {
  const record = { timeUnixNano: String(START), eventName: "gen_ai.evaluation.result", traceId: traceId(trace), attributes: attributes(values) };
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
}

/**
 * Writes a session: its root is the span 1 of `spans`, which goes to the last line.
 */
export function writeSession(folder, trace, spans, { start = START + BigInt(trace) * 60_000n * MILLI, batch = 512 } = {}) {
  mkdirSync(folder, { recursive: true });
  const [root, ...rest] = spans;
  const lines = [];
  for (let first = 0; first < rest.length; first += batch) lines.push(line(trace, start, rest.slice(first, first + batch)));
  lines.push(line(trace, start, [root]));
  const path = join(folder, `${traceId(trace)}.jsonl`);
  writeFileSync(path, lines.join(""));
  return path;
}

/** Root of a session with its totals, as the library computes them. */
export function root(name, took, totals = {}, rest = {}) {
  const { llm = 0, tool = 0, input = 0, output = 0, cost, errors = 0, state = "Success", more = {} } = totals;
  return span(1, 0, "session", name, [0, took], {
    "agentops.session.calls.llm": llm,
    "agentops.session.calls.tool": tool,
    "agentops.session.tokens.input": input,
    "agentops.session.tokens.output": output,
    ...(cost === undefined ? {} : { "agentops.session.cost_usd": cost }),
    "agentops.session.errors": errors,
    "agentops.session.end_state": state,
    ...more,
  }, rest);
}

const message = (role, ...parts) => ({ role, parts });
const text = (content) => ({ type: "text", content });

/** A session with everything: an agent of two turns, a tool by its call's id, a failure and what came next. */
export function support(folder, trace = 1, { answer = "The lamp is **on** now.", words = ["lamp"], took = 1000 } = {}) {
  const ask = message("user", text("My lamp does not work.\n\n1. It is new\n2. It was on"));
  const call = { type: "tool_call", id: "call-1", name: "search", arguments: { words, limit: 3 } };
  const result = { type: "tool_call_response", id: "call-1", response: "Turn it off and on." };
  const spans = [
    root("support", took, { llm: 2, tool: 3, input: 300, output: 40, cost: 0.0031, errors: 1, more: { "tag.tags": ["lamp", "night"] } }),
    span(2, 1, "agent", "triage", [50, 900], { "gen_ai.agent.name": "triage" }),
    span(3, 2, "tool", "read_file", [60, 80], { "input.value": '{"path":"FAQ.md"}' }, { error: "no such file: FAQ.md" }),
    span(4, 2, "llm", "plan", [100, 400], called("gpt-4o-mini", 100, 15, 0.001, {
      "gen_ai.provider.name": "openai",
      "gen_ai.system_instructions": JSON.stringify([text("You help with lamps.")]),
      "gen_ai.input.messages": JSON.stringify([ask]),
      "gen_ai.output.messages": JSON.stringify([{ ...message("assistant", call), finish_reason: "tool_calls" }]),
      "gen_ai.response.finish_reasons": ["tool_calls"],
    })),
    span(5, 2, "tool", "search", [420, 500], {
      "gen_ai.tool.call.id": "call-1",
      "input.value": JSON.stringify({ words, limit: 3 }),
      "output.value": "Turn it off and on.",
    }),
    span(6, 2, "tool", "search", [510, 520], { "input.value": JSON.stringify({ limit: 3, words }), "output.value": "Turn it off and on." }),
    span(7, 2, "llm", "answer", [550, 850], called("gpt-4o-mini", 200, 25, 0.0021, {
      "gen_ai.provider.name": "openai",
      "gen_ai.usage.cache_read.input_tokens": 80,
      "gen_ai.system_instructions": JSON.stringify([text("You help with lamps.")]),
      "gen_ai.input.messages": JSON.stringify([ask, message("assistant", call), message("tool", result)]),
      "gen_ai.output.messages": JSON.stringify([{ ...message("assistant", text(answer)), finish_reason: "stop" }]),
    })),
  ];
  return writeSession(folder, trace, spans);
}

/**
 * A session with what is rare: documents, a loop, a budget that was exceeded, settings and costs of calls, and a session that was
 * started in it, which has the number after its own.
 */
export function research(folder, trace = 1) {
  const system = message("system", text("You find lamps."));
  const ask = message("user", text("Find me a lamp."));
  const call = (number) => ({ type: "tool_call", id: `look-${number}`, name: "look", arguments: { shelf: 7 } });
  const result = (number) => message("tool", { type: "tool_call_response", id: `look-${number}`, response: "Nothing is here. ".repeat(30) });
  const turn = (number, parent, at, saw, wrote, more = {}) => span(number, parent, "llm", "think", at, called("claude-4", 100 * saw.length, 20, 0.003, {
    "agentops.usage.input_cost_usd": 0.002,
    "agentops.usage.output_cost_usd": 0.001,
    "gen_ai.input.messages": JSON.stringify(saw),
    "gen_ai.output.messages": JSON.stringify([{ ...wrote, finish_reason: "stop" }]),
    ...more,
  }));
  const looks = [1, 2, 3].map((number) => [message("assistant", call(number)), result(number)]);
  const history = (turns) => [system, ask, ...looks.slice(0, turns).flat()];
  const look = (number, id, at, rest) => span(number, 2, "tool", "look", at, { "gen_ai.tool.call.id": `look-${id}`, "input.value": '{"shelf":7}', "output.value": "Nothing is here." }, rest);
  const exceeded = { name: "agentops.session.budget_exceeded", at: 700, attributes: { "agentops.session.budget.limit": "tokens", "exception.message": "the budget of 500 tokens is exceeded" } };
  writeSession(folder, trace, [
    root("research", 1000, { llm: 4, tool: 4, input: 1800, output: 80, cost: 0.012, errors: 1, state: "Failure", more: {
      "user.id": "ada", "tag.tags": ["lamp"], "agentops.metadata.city": "Rome", "agentops.session.budget.tokens": 500,
    } }, { events: [exceeded], error: "the budget of 500 tokens is exceeded" }),
    span(2, 1, "agent", "finder", [10, 900], { "gen_ai.agent.name": "finder" }),
    turn(3, 2, [20, 100], history(0), message("assistant", call(1)), { "gen_ai.request.temperature": 0.2, "gen_ai.request.max_tokens": 512 }),
    look(4, 1, [110, 120]),
    turn(5, 2, [130, 200], history(1), message("assistant", { type: "reasoning", content: "Perhaps again?" }, call(2)), {
      "gen_ai.usage.cache_read.input_tokens": 150, "gen_ai.usage.cache_creation.input_tokens": 90,
    }),
    look(6, 2, [210, 220], { events: [{ name: "gen_ai.note", at: 215, attributes: { text: "shelf is \"empty\"" } }] }),
    turn(7, 2, [230, 300], [message("system", text("You find lamps, be quick.")), ...history(2).slice(1)], message("assistant", call(3))),
    look(8, 3, [310, 320], { error: "the shelf fell" }),
    turn(9, 2, [330, 400], history(3), message("assistant", text("There is none."))),
    span(10, 1, "retriever", "recall", [910, 930], {
      "gen_ai.retrieval.query.text": "lamp",
      "gen_ai.retrieval.documents": JSON.stringify([{ id: "doc-1", score: 0.91234, content: "A lamp of brass." }, { id: "doc-2", score: 0.5 }]),
    }),
    span(11, 1, "retriever", "recall", [940, 960], {
      "input.value": "lamp",
      "retrieval.documents.0.document.id": "a", "retrieval.documents.0.document.score": 0.75, "retrieval.documents.0.document.content": "Light of the moon",
      "retrieval.documents.0.document.metadata": '{"page":3}',
      "retrieval.documents.1.document.content": "Nothing",
      "code.file.path": "src/recall.rs", "code.line.number": 42,
    }),
    span(12, 1, "tool", "order", [970, 990], { "input.value": "{}" }),
  ]);
  return writeSession(folder, trace + 1, [root("order lamp", 10, {}, {
    links: [{ traceId: traceId(trace), spanId: spanId(12), attributes: [] }],
  }), span(2, 1, "tool", "pay", [1, 2])]);
}

/** A session of so many spans: agents with five leaves each, every tenth leaf a model call. */
export function large(folder, trace, leaves, content = 40) {
  const spans = [root("large", leaves, { llm: Math.ceil(leaves / 10), tool: leaves - Math.ceil(leaves / 10) })];
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    const group = Math.floor(leaf / 50);
    const agent = 2 + group * 51;
    if (leaf % 50 === 0) spans.push(span(agent, 1, "agent", `agent ${group % 7}`, [leaf, leaf + 50]));
    const isModel = leaf % 10 === 0;
    const more = { "input.value": "x".repeat(content), "output.value": "y".repeat(content) };
    spans.push(span(agent + 1 + (leaf % 50), agent, isModel ? "llm" : "tool", isModel ? "ask" : `tool ${leaf % 3}`, [leaf, leaf + 0.9],
      isModel ? { ...more, ...called("m", 100, 7, 0.0001) } : more));
  }
  return writeSession(folder, trace, spans);
}
