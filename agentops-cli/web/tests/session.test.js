/** One session: the tree, the timeline, the detail, the keys. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { large, root, span, spanId, support, traceId, writeSession } from "./fixture.js";
import { AGENTOPS, closeBrowser, eventually, folder, names, open, selected, texts, view } from "./page.js";

after(closeBrowser);

/** Opens the session with a number. */
async function session(t, dir, number = 1, rest = "", options = {}) {
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(number)}${rest}`, options);
  await page.locator("[role=treegrid] [role=row]").first().waitFor();
  return page;
}

function stored(t) {
  const dir = folder(t);
  support(dir);
  return dir;
}

test("waterfall draws each span where it belongs", async (t) => {
  const page = await session(t, stored(t));
  await eventually(async () => assert.deepEqual(await names(page), ["support", "triage", "read_file", "plan", "search", "search", "answer"]));
  const boxes = await page.locator(".cell-bar").evaluateAll((cells) => cells.map((cell) => {
    const [outer, bar] = [cell.getBoundingClientRect(), cell.querySelector(".bar").getBoundingClientRect()];
    return [(bar.left - outer.left) / outer.width, bar.width / outer.width].map((share) => Math.round(share * 1000));
  }));
  assert.deepEqual(boxes, [[0, 1000], [50, 850], [60, 20], [100, 300], [420, 80], [510, 10], [550, 300]]);
  await eventually(async () => assert.deepEqual(await texts(page, "[role=treegrid] .cell-time"), ["1.00 s", "850 ms", "20.0 ms", "300 ms", "80.0 ms", "10.0 ms", "300 ms"]));
  assert.deepEqual(page.faults, []);
});

test("error and model of a row end within its cell", async (t) => {
  const dir = folder(t);
  const long = "no such file: ".repeat(40);
  writeSession(dir, 1, [root("ask", 1000), span(2, 1, "llm", "answer", [200, 800], { "gen_ai.request.model": long }, { error: long })]);
  const page = await session(t, dir);
  const beyond = await page.locator(".failed .cell-name").evaluate((cell) => [".error", ".model"].map((part) =>
    cell.querySelector(part).getBoundingClientRect().right > cell.getBoundingClientRect().right));
  assert.deepEqual(beyond, [false, false]);
});

test("stream has a tick where its first piece came", async (t) => {
  const dir = folder(t);
  writeSession(dir, 1, [
    root("ask", 1000),
    span(2, 1, "llm", "answer", [200, 800], { "gen_ai.response.time_to_first_chunk": 0.25 }),
    span(3, 1, "tool", "read_lines", [0, 100], { "agentops.stream.time_to_first_item": 0.05 }),
  ]);
  const page = await session(t, dir);
  const ticks = await page.locator(".cell-bar").evaluateAll((cells) => cells.map((cell) => {
    const [outer, tick] = [cell.getBoundingClientRect(), cell.querySelector(".first-piece")?.getBoundingClientRect()];
    return tick && Math.round((1000 * (tick.left - outer.left)) / outer.width);
  }));
  assert.deepEqual(ticks, [undefined, 50, 450]);
  assert.match(await page.locator(".cell-bar").nth(2).getAttribute("aria-label"), /, first piece after 250 ms/);
  assert.deepEqual(page.faults, []);
});

test("sums of the tree are those of the command line", async (t) => {
  const dir = stored(t);
  const page = await session(t, dir);
  const printed = JSON.parse(execFileSync(AGENTOPS, ["show", "last", "--json", "--dir", dir]));
  const number = (value) => (value === null ? null : String(value));
  const expected = printed.spans.map(({ sums }) => [number(sums.input_tokens), number(sums.output_tokens)]);
  const shown = (await texts(page, "[role=treegrid] .cell-sum")).map((text) => (text ? text.split(" → ") : [null, null]));
  assert.deepEqual(shown, expected);
  const costs = printed.spans.map(({ sums }) => sums.cost_usd);
  const dollars = (await texts(page, "[role=treegrid] .cell-cost")).map((text) => (text ? Number(text.slice(1)) : null));
  assert.deepEqual(dollars, costs);
});

test("conversation leads with what was written, then shows the newest first", async (t) => {
  const page = await session(t, stored(t), 1, `/${spanId(7)}`);
  await page.locator(".message").first().waitFor();
  await eventually(async () => assert.deepEqual(await texts(page, ".conversation .message-head strong"), ["assistant", "tool", "assistant", "user", "system"]));
  await eventually(async () => assert.deepEqual(await texts(page, ".conversation .markdown strong"), ["on"]));
  await eventually(async () => assert.equal(await page.locator(".message-body").count(), 2, "what it wrote and the newest that it saw"));
  await eventually(async () => assert.deepEqual(await texts(page, ".context p"), [
    "context 200 tokens: system 20 %, user 49 %, assistant 11 %, tool 19 %",
    "80 of 200 tokens from the cache (40 %); begins with all of the call before (2 messages)",
  ]));
  await page.getByLabel(/since the call before/).check();
  await eventually(async () => assert.deepEqual(await texts(page, ".conversation .message-head strong"), ["assistant", "tool", "assistant"]));
  await page.locator(".message-head").nth(2).click();
  await page.getByRole("link", { name: "go to the tool" }).last().click();
  await eventually(async () => assert.equal(await selected(page), "search"));
  await eventually(async () => assert.match((await texts(page, ".around"))[0], /asked for by model call plan/));
});

test("detail names equal calls, the failure and what came next", async (t) => {
  const page = await session(t, stored(t), 1, `/${spanId(6)}`);
  await page.locator(".around", { hasText: "called 2 times with the same input" }).waitFor();
  await page.keyboard.press("e");
  await eventually(async () => assert.equal(await selected(page), "read_file"));
  await eventually(async () => assert.equal(await page.locator(".error-text").innerText(), "no such file: FAQ.md"));
  await eventually(async () => assert.match((await texts(page, ".around"))[0], /then went on with model call plan/));
  await page.keyboard.press(".");
  await eventually(async () => assert.equal(await selected(page), "plan"));
});

test("agent shows the context of its turns", async (t) => {
  const page = await session(t, stored(t), 1, `/${spanId(2)}`);
  await page.locator(".turns li").first().waitFor();
  await eventually(async () => assert.deepEqual(await texts(page, ".turn-head a"), ["1. plan", "2. answer"]));
  await eventually(async () => assert.match((await texts(page, ".turn-head .muted"))[1], /^200 → 25 \(\+100\) · 300 ms · \$0\.0021$/));
  await eventually(async () => assert.match((await texts(page, ".turns li"))[0], /then search ×2$/));
});

test("JSON is drawn as far as it is opened, long texts are cut and bytes are named", async (t) => {
  const dir = folder(t);
  const input = { list: Array.from({ length: 250 }, (_, index) => index), text: "x".repeat(5000), picture: `data:image/png;base64,${"A".repeat(4000)}` };
  writeSession(dir, 1, [root("ask", 10), span(2, 1, "tool", "look", [1, 2], { "input.value": JSON.stringify(input), "output.value": "cut…[truncated]" })]);
  const page = await session(t, dir, 1, `/${spanId(2)}`);
  await page.locator(".json").waitFor();
  await eventually(async () => assert.equal(await page.getByText("image/png, 2.92 KiB").count(), 1));
  await eventually(async () => assert.equal(await page.getByRole("button", { name: "show all 4.88 KiB" }).count(), 1));
  await eventually(async () => assert.equal(await page.getByText("cut when it was recorded").count(), 1));
  const lines = () => page.locator(".json .json-line").count();
  const before = await lines();
  await page.getByRole("button", { name: /list: \[ 250 items \]/ }).click();
  await eventually(async () => assert.equal((await lines()) - before, 100));
  await page.getByRole("button", { name: "150 more items" }).click();
  await eventually(async () => assert.equal((await lines()) - before, 200));
});

/** Shapes of traces with their critical path by kind, in milliseconds. */
const SHAPES = {
  sequence: [[span(2, 1, "tool", "a", [0, 40]), span(3, 1, "llm", "b", [40, 100])], { tool: 40, llm: 60 }],
  gap: [[span(2, 1, "tool", "a", [10, 40]), span(3, 1, "llm", "b", [60, 100])], { tool: 30, llm: 40, session: 30 }],
  overlap: [[span(2, 1, "tool", "a", [0, 70]), span(3, 1, "llm", "b", [50, 100])], { session: 50, llm: 50 }],
  within: [[span(2, 1, "llm", "long", [0, 100]), span(3, 1, "tool", "short", [20, 60])], { llm: 100 }],
  nested: [[span(2, 1, "agent", "a", [0, 100]), span(3, 2, "tool", "t", [20, 50])], { agent: 70, tool: 30 }],
  outliving: [[span(2, 1, "tool", "late", [50, 150])], { session: 50, tool: 50 }],
};

for (const [shape, [spans, expected]] of Object.entries(SHAPES)) {
  test(`critical path of ${shape} sums up to the time of the session`, async (t) => {
    const dir = folder(t);
    writeSession(dir, 1, [root("ask", 100), ...spans]);
    const { address } = await view(t, dir);
    const answer = await (await fetch(`${address}api/s/${traceId(1)}`)).json();
    const times = Object.fromEntries(answer.by_kind.map(({ kind, time }) => [kind, time / 1e6]));
    assert.deepEqual(times, expected);
    const sum = answer.critical.reduce((sum, time) => sum + time, 0);
    assert.equal(sum, 100e6);
  });
}

test("keys move through the tree", async (t) => {
  const page = await session(t, stored(t));
  const press = async (key, name) => {
    await page.keyboard.press(key);
    await eventually(async () => assert.equal(await selected(page), name, key));
  };
  await press("ArrowDown", "triage");
  await press("j", "read_file");
  await press("k", "triage");
  await press("ArrowUp", "support");
  await press("End", "answer");
  await press("Home", "support");
  await press("ArrowRight", "triage");
  await page.keyboard.press("ArrowLeft");
  await eventually(async () => assert.deepEqual(await names(page), ["support", "triage"]));
  await eventually(async () => assert.equal(await page.locator("[role=row][aria-selected=true]").getAttribute("aria-expanded"), "false"));
  await press("ArrowLeft", "support");
  await page.keyboard.press("*");
  await press("End", "triage");
  await press("ArrowRight", "triage");
  await press("ArrowRight", "read_file");
  await press("PageDown", "answer");
  await press("PageUp", "support");
  await page.keyboard.press("Shift+ArrowLeft");
  await eventually(async () => assert.deepEqual(await names(page), ["support", "triage"]));
  await press("e", "read_file");
  await press("m", "plan");
  await press("m", "answer");
  await press("Shift+M", "plan");
  await page.keyboard.press("c");
  await eventually(async () => assert.match(page.url(), /crit=1/));
  await page.keyboard.press("z");
  await eventually(async () => assert.match(page.url(), /zoom=\d+-\d+/));
  await page.keyboard.press("+");
  await page.keyboard.press("0");
  await eventually(async () => assert.doesNotMatch(page.url(), /zoom/));
  await page.keyboard.press("2");
  await eventually(async () => assert.equal(await page.locator("[role=tab][aria-selected=true]").innerText(), "Input/output"));
  await page.keyboard.press("Enter");
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.id), "tab-panel"));
  await page.keyboard.press("Escape");
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "treegrid"));
  await page.keyboard.press("/");
  await page.keyboard.type("search");
  await eventually(async () => assert.match((await texts(page, ".toolbar [role=status]"))[0], /2 hits/));
  await page.keyboard.press("Enter");
  await eventually(async () => assert.equal(await selected(page), "search"));
  await page.keyboard.press("Escape");
  await press("n", "search");
  await page.keyboard.press("?");
  await eventually(async () => assert.equal(await page.locator("dialog[open]").count(), 1));
  await page.keyboard.press("Escape");
  await eventually(async () => assert.equal(await page.locator("dialog[open]").count(), 0));
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.locator(".sessions").waitFor();
});

test("idle gaps are folded away and come back", async (t) => {
  const dir = folder(t);
  writeSession(dir, 1, [root("ask", 10_000), span(2, 1, "tool", "first", [0, 100]), span(3, 1, "tool", "last", [9_900, 10_000])]);
  const page = await session(t, dir);
  const left = () => page.locator("[role=row]", { hasText: "last" }).locator(".bar").evaluate((bar) => Math.round(Number.parseFloat(bar.style.left)));
  await eventually(async () => assert.equal(await left(), 99));
  await page.getByRole("button", { name: "Fold 1 gap (98 % idle)" }).click();
  await page.waitForURL(/gaps=fold/);
  await eventually(async () => assert.ok((await left()) < 60));
  assert.equal(await page.locator(".minimap .gap").count(), 1);
  await page.getByRole("button", { name: /Fold 1 gap/ }).click();
  await eventually(async () => assert.equal(await left(), 99));
});

test("minimap zooms by dragging and back by a click", async (t) => {
  const page = await session(t, stored(t));
  const box = await page.locator(".minimap").boundingBox();
  const at = (share) => [box.x + box.width * share, box.y + 10];
  await page.mouse.move(...at(0.5));
  await page.mouse.down();
  await page.mouse.move(...at(0.9), { steps: 3 });
  await page.mouse.up();
  await page.waitForURL(/zoom=/);
  const [from, to] = page.url().match(/zoom=(\d+)-(\d+)/).slice(1).map((nanos) => Math.round(nanos / 1e7));
  assert.deepEqual([from, to], [50, 90]);
  await page.mouse.click(...at(0.2));
  await eventually(async () => assert.doesNotMatch(page.url(), /zoom/));
});

test("times far in are told apart", async (t) => {
  const page = await session(t, stored(t), 1, "?zoom=600000000-600000100");
  await eventually(async () => assert.deepEqual((await texts(page, ".scale span")).slice(0, 3), ["600 ms", "+50 ns", "+100 ns"]));
});

test("brackets go to the session before and after", async (t) => {
  const dir = stored(t);
  support(dir, 2);
  const page = await session(t, dir, 1);
  await page.keyboard.press("]");
  await page.waitForURL(new RegExp(`#/s/${traceId(2)}`));
  // The next key is for the session that is shown.
  await page.locator(".session-head", { hasText: traceId(2).slice(0, 8) }).waitFor();
  await page.keyboard.press("[");
  await page.waitForURL(new RegExp(`#/s/${traceId(1)}`));
});

test("way back returns to spans that were chosen, not to zooms", async (t) => {
  const page = await session(t, stored(t));
  await page.locator("[role=row]", { hasText: "plan" }).click();
  await page.keyboard.press("z");
  await page.locator("[role=row]", { hasText: "answer" }).click();
  await page.goBack();
  await page.waitForURL(new RegExp(spanId(4)));
  await eventually(async () => assert.equal(await selected(page), "plan"));
  await page.goBack();
  await eventually(async () => assert.ok(page.url().endsWith(`#/s/${traceId(1)}`), page.url()));
});

test("address of a span that is folded away opens it", async (t) => {
  const dir = folder(t);
  const leaves = Array.from({ length: 50 }, (_, index) => span(index + 2, 1, "tool", "leaf", [index, index + 1]));
  writeSession(dir, 1, [root("ask", 60), ...leaves]);
  const page = await session(t, dir, 1, `/${spanId(30)}`);
  await eventually(async () => assert.equal(await page.locator(`#row-${spanId(30)}[aria-selected=true]`).count(), 1));
  const folded = await session(t, dir);
  await eventually(async () => assert.deepEqual(await texts(folded, "[role=row] .fold"), ["×50"]));
});

test("kinds are hidden and stay so in the address", async (t) => {
  const page = await session(t, stored(t), 1, "?hide=tool");
  await eventually(async () => assert.deepEqual(await names(page), ["support", "triage", "plan", "answer"]));
  await page.getByRole("button", { name: "tool", exact: true }).click();
  await eventually(async () => assert.equal((await names(page)).length, 7));
});

test("50,000 siblings and 5,000 levels are shown", async (t) => {
  const dir = folder(t);
  const wide = Array.from({ length: 50_000 }, (_, index) => span(index + 2, 1, "tool", `leaf ${index % 9}`, [index, index + 1]));
  writeSession(dir, 1, [root("wide", 50_001), ...wide]);
  const deep = Array.from({ length: 5_000 }, (_, index) => span(index + 2, index + 1, "task", "level", [index / 10, 1000 - index / 10]));
  writeSession(dir, 2, [root("deep", 1000), ...deep]);
  for (const [number, rows] of [[1, 50_001], [2, 5_001]]) {
    const page = await session(t, dir, number);
    await eventually(async () => assert.equal(await page.locator("[role=treegrid]").getAttribute("aria-rowcount"), String(rows)));
    await page.keyboard.press("End");
    await eventually(async () => assert.equal(await page.locator("[role=row][aria-selected=true]").getAttribute("aria-rowindex"), String(rows)));
    await eventually(async () => assert.ok((await page.locator("[role=row]").count()) < 120));
    assert.deepEqual(page.faults, []);
  }
});

test("large session is found in, shut and opened", async (t) => {
  const dir = folder(t);
  large(dir, 1, 10_000);
  const page = await session(t, dir, 1, "?q=agent+3");
  await eventually(async () => assert.match((await texts(page, ".toolbar [role=status]"))[0], /^28 hits|29 hits$/));
  await page.getByRole("button", { name: "Shut all" }).click();
  await eventually(async () => assert.equal(await page.locator("[role=treegrid]").getAttribute("aria-rowcount"), "201"));
});

test("session that is not there names those that may be meant", async (t) => {
  const { address } = await view(t, stored(t));
  const page = await open(t, `${address}#/s/${"f".repeat(32)}`);
  await page.locator("[role=alert]").waitFor();
  await eventually(async () => assert.match(await page.locator(".problem-screen").innerText(), /there is no session[\s\S]*00000001/));
  const cut = await open(t, `${address}#/s/xyz`);
  await eventually(async () => assert.match(await cut.locator(".problem-screen").innerText(), /names no session/));
});
