/** The pane of a span, by kind: what it shows, what it links to, what it copies. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { research, spanId, support, traceId } from "./fixture.js";
import { AGENTOPS, closeBrowser, eventually, folder, open, selected, texts, view } from "./page.js";

after(closeBrowser);

/** Opens a span of the session with the number 1. */
async function opened(t, make, span, rest = "") {
  const dir = folder(t);
  make(dir);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}/${spanId(span)}${rest}`, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator(".pane-title").waitFor();
  return Object.assign(page, { dir, url: () => page.evaluate(() => location.href) });
}

const shows = (page, selector, expected) => eventually(async () => assert.deepEqual(await texts(page, selector), expected));

test("model call says what of it was cached, where the prefix breaks, how it was set and what it cost", async (t) => {
  const page = await opened(t, research, 5);
  const lines = page.locator(".context p");
  await eventually(async () => assert.equal(await lines.nth(1).innerText(),
    "150 of 400 tokens from the cache (37 %); 90 written to it; begins with all of the call before (2 messages)"));
  await page.goto(`${(await page.url()).replace(spanId(5), spanId(7))}`);
  await eventually(async () => assert.equal(await lines.nth(1).innerText(), "the prefix of the call before breaks at message 1"));
  await page.goto(`${(await page.url()).replace(spanId(7), spanId(3))}`);
  await shows(page, ".conversation section:last-child p", [
    "temperature 0.2, max tokens 512", "$0.0030: $0.0020 for 200 tokens in, $0.0010 for 20 out",
  ]);
  assert.deepEqual(page.faults, []);
});

test("system message and reasoning are folded, the call before is a link", async (t) => {
  const page = await opened(t, research, 5);
  await page.getByRole("button", { name: /reasoning/ }).waitFor();
  assert.equal(await page.getByText("Perhaps again?").count(), 0);
  await page.getByRole("button", { name: /reasoning/ }).click();
  await page.getByText("Perhaps again?").waitFor();
  await page.locator(".around a", { hasText: "think" }).click();
  await page.waitForURL(new RegExp(spanId(3)));
  const system = page.locator(".message", { hasText: "system" });
  await eventually(async () => assert.equal(await system.locator("[aria-expanded]").getAttribute("aria-expanded"), "false"));
});

test("keys open what is folded, wrap lines and choose the session for a comparison", async (t) => {
  const page = await opened(t, research, 5);
  const folded = () => page.locator("#tab-panel [aria-expanded=false]").count();
  await eventually(async () => assert.equal(await folded(), 4, "three earlier messages and the reasoning"));
  await page.keyboard.press("o");
  await eventually(async () => assert.equal(await folded(), 0));
  await page.getByText("Perhaps again?").waitFor();
  const space = () => page.locator("#tab-panel pre.text").first().evaluate((text) => getComputedStyle(text).whiteSpace);
  assert.equal(await space(), "pre-wrap");
  await page.keyboard.press("w");
  await eventually(async () => assert.equal(await space(), "pre"));
  await page.keyboard.press("o");
  await eventually(async () => assert.ok(await folded() > 4));
  await page.keyboard.press("x");
  await page.waitForURL(new RegExp(`#/\\?x=${traceId(1)}$`));
});

test("turns of an agent say which result brought the growth", async (t) => {
  const page = await opened(t, research, 2);
  await page.locator(".turns li").nth(3).waitFor();
  const added = () => page.getByText(/^added/).allInnerTexts();
  await eventually(async () => assert.deepEqual(await added(), [
    "added: result of look 99 %, assistant < 1 %",
    "added: result of look 94 %, system 4 %, assistant < 1 %",
    "added: result of look 96 %, system 2 %, assistant < 1 %",
  ]));
});

test("documents of a retriever are listed in both conventions", async (t) => {
  const page = await opened(t, research, 10);
  await shows(page, ".document-head", ["1 0.912 doc-1", "2 0.500 doc-2"]);
  await shows(page, ".document-text", ["A lamp of brass."]);
  await shows(page, ".side", ["Input Copy lamp"]);
  await page.goto((await page.url()).replace(spanId(10), spanId(11)));
  await shows(page, ".document-head", ["1 0.750 a", "2"]);
  await shows(page, ".documents li:first-child .json-line", ["page: 3"]);
  await page.getByRole("button", { name: "src/recall.rs:42" }).waitFor();
  await page.getByRole("tab", { name: "Attributes" }).click();
  await page.locator(".attributes").first().waitFor();
  assert.equal(await page.locator(".attributes th", { hasText: "retrieval.documents" }).count(), 0);
});

test("session tells its user, metadata, budget, failures and the sessions around it", async (t) => {
  const page = await opened(t, research, 1);
  await shows(page, ".about tr", [
    "user ada", "tags lamp", "program demo", "city Rome", "budget 500 tokens",
    "budget exceeded the budget of 500 tokens is exceeded after 700 ms", "started here session order lamp 00000002 ✓ ok",
  ]);
  await shows(page, ".failures li", ["tool look the shelf fell", "session research the budget of 500 tokens is exceeded"]);
  await page.getByRole("link", { name: /order lamp/ }).click();
  await page.waitForURL(new RegExp(`#/s/${traceId(2)}`));
  await shows(page, ".about tr", ["program demo", "started by session research 00000001 ✗ failed"]);
  await page.getByRole("link", { name: /session research/ }).click();
  await page.waitForURL(new RegExp(`#/s/${traceId(1)}/${spanId(12)}`));
  await eventually(async () => assert.match((await texts(page, ".around"))[0], /^started session order lamp/));
});

test("repeated calls are marked, named in the head and reached by key", async (t) => {
  const page = await opened(t, research, 1);
  await shows(page, ".row .fold", ["⟳3", "⟳3", "⟳3"]);
  await shows(page, ".loop", ["⟳ look called 3 times with the same input"]);
  await page.keyboard.press("r");
  await page.keyboard.press("r");
  await page.waitForURL(new RegExp(spanId(6)));
  await page.keyboard.press("Shift+R");
  await page.waitForURL(new RegExp(spanId(4)));
  await page.locator(".strip .failure a").first().click();
  await page.waitForURL(new RegExp(spanId(8)));
  await page.locator(".strip .failure a").last().click();
  await page.waitForURL(new RegExp(spanId(9)));
});

test("tool names the model call that asked for it and what came next", async (t) => {
  const page = await opened(t, research, 4);
  await eventually(async () => assert.match((await texts(page, ".around"))[0], /^asked for by model call think called 3 times .*then model call think/));
  await page.keyboard.press(".");
  await page.waitForURL(new RegExp(spanId(5)));
});

test("buttons copy the link, the command line's curl and its Markdown", async (t) => {
  const page = await opened(t, support, 4);
  const printed = (...command) => execFileSync(AGENTOPS, [...command, "--dir", page.dir], { encoding: "utf8" });
  const copied = async (name) => {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.getByRole("button", { name, exact: true }).click();
    return eventually(async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.notEqual(text, "");
      return text;
    });
  };
  assert.equal(await copied("Copy link"), await page.url());
  const curl = await copied("Copy as curl");
  assert.equal(curl, printed("curl", `${traceId(1)}/${spanId(4)}`));
  assert.match(curl, /Bearer \$OPENAI_API_KEY/);
  assert.equal(await copied("Copy as Markdown"), printed("show", `${traceId(1)}/${spanId(4)}`, "--md", "--io"));
});

test("call that cannot be repeated says why", async (t) => {
  const { writeSession, root, span, called } = await import("./fixture.js");
  const page = await opened(t, (dir) => writeSession(dir, 1, [root("ask", 10, { llm: 1 }), span(2, 1, "llm", "bare", [1, 2], called("m", 1, 1, 0))]), 2);
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await eventually(async () => assert.match((await texts(page, ".pane-head .problem"))[0], /^Not copied: `bare` has no messages/));
});

test("contents of a session are searched, and hits are stepped through", async (t) => {
  const page = await opened(t, research, 1, "?q=shelf+is+%22EMPTY&in=content");
  const status = () => texts(page, ".toolbar [role=status]");
  await eventually(async () => assert.deepEqual(await status(), ["1 hit"]));
  await page.keyboard.press("n");
  await page.waitForURL(new RegExp(spanId(6)));
  await shows(page, ".hit-text mark", ['shelf is "empty']);
  await page.getByLabel("Find in session").fill("a lamp of brass");
  await eventually(async () => assert.deepEqual(await status(), ["1 hit"]));
  await page.getByLabel("Find in session").press("Enter");
  await eventually(async () => assert.equal(await selected(page), "recall"));
  await page.getByRole("button", { name: "In contents" }).click();
  await eventually(async () => assert.deepEqual(await status(), ["no hit"]));
});
