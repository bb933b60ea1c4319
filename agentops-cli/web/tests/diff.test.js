/** Two sessions side by side. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { root, span, called, support, traceId, writeSession } from "./fixture.js";
import { closeBrowser, eventually, folder, open, texts, view } from "./page.js";

after(closeBrowser);

async function compared(t, ...sessions) {
  const dir = folder(t);
  sessions.forEach((options, index) => support(dir, index + 1, options));
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/d/${traceId(1)}/${traceId(2)}`);
  await page.locator(".sentence").waitFor();
  return page;
}

test("diff says where two sessions part and shows the words", async (t) => {
  const page = await compared(t, {}, { words: ["bulb"], answer: "The bulb is **on** now.", took: 1200 });
  assert.match(await page.locator(".sentence").innerText(), /search\(.*words=\["lamp"\].*became.*words=\["bulb"\]/s);
  await eventually(async () => assert.deepEqual(await texts(page, ".diff-row .note"), ["first difference"]));
  await eventually(async () => assert.match((await texts(page, ".json-change p"))[0], /^\.words\[0\]$/));
  await eventually(async () => assert.deepEqual(await texts(page, ".json-change del, .json-change ins"), ["lamp", "bulb"]));
  await page.locator(".diff-row", { hasText: "answer" }).click();
  await page.locator(".pane-title", { hasText: "answer" }).waitFor();
  await page.locator(".detail ins").first().waitFor();
  await eventually(async () => assert.match((await texts(page, ".sides dl"))[0], /^time 1\.00 s → 1\.20 s \+20 %/));
  assert.deepEqual(page.faults, []);
});

test("diff of equal sessions says so and shows all on demand", async (t) => {
  const page = await compared(t, {}, {});
  await eventually(async () => assert.match(await page.locator(".tree .empty").innerText(), /did the same/));
  await page.getByRole("button", { name: "Show equal spans" }).click();
  await eventually(async () => assert.equal(await page.locator(".diff-row.same").count(), 7));
});

test("swap turns added into removed", async (t) => {
  const page = await compared(t, {}, { words: ["bulb"] });
  await page.getByRole("link", { name: "Swap" }).click();
  await page.waitForURL(new RegExp(`#/d/${traceId(2)}/${traceId(1)}`));
  await page.locator(".sentence", { hasText: /words=\["bulb"\].*became/s }).waitFor();
});

/** Two sessions whose model call was asked otherwise before their tools part. */
function asked(t) {
  const dir = folder(t);
  const prompt = (more) => JSON.stringify([{ role: "system", content: "Be short." }, { role: "user", content: `Find a lamp${more}` }, { role: "user", content: "Thanks" }]);
  [["", "lamp"], [" that is made of brass", "brass"]].forEach(([more, word], index) => writeSession(dir, index + 1, [
    root("ask", 100, { llm: 1, tool: 2 }),
    span(2, 1, "tool", "begin", [0, 5]),
    span(3, 1, "llm", "plan", [10, 20], called("m", 10, 2, 0.1, { "gen_ai.input.messages": prompt(more), "gen_ai.output.messages": '[{"role":"assistant","content":"I look"}]' })),
    span(4, 1, "tool", "search", [30, 40], { "input.value": JSON.stringify({ word }) }),
  ]));
  return dir;
}

test("diff shows what the model was asked otherwise, message by message", async (t) => {
  const { address } = await view(t, asked(t));
  const page = await open(t, `${address}#/d/${traceId(1)}/${traceId(2)}`);
  await page.locator(".sentence", { hasText: "The prompt of call 2 differs in message 2 (+5 words)." }).waitFor();
  await eventually(async () => assert.deepEqual(await texts(page, ".diff-row .name"), ["ask", "plan", 'search(word="brass")']));
  await page.getByRole("link", { name: "Show that call" }).click();
  await page.waitForURL(/#\/d\/[0-9a-f]+\/[0-9a-f]+\/2$/);
  await eventually(async () => assert.deepEqual(await texts(page, ".detail section p"), [
    "The same 2 messages, but for #2.", "#2 user", "+5 −0 words", "The same.",
  ]));
  await eventually(async () => assert.deepEqual(await texts(page, ".detail ins"), ["that is made of brass"]));
  await page.keyboard.press("j");
  await eventually(async () => assert.equal(await page.locator(".pane-title").innerText(), "search"));
  await page.reload();
  await eventually(async () => assert.equal(await page.locator(".pane-title").innerText(), "search"));
  await page.keyboard.press("a");
  await page.waitForURL(/\/3\?only=all$/);
  await eventually(async () => assert.equal(await page.locator(".diff-row").count(), 4));
  await page.goBack();
  await eventually(async () => assert.match(page.url(), new RegExp(`#/d/${traceId(1)}/${traceId(2)}$`)));
});

test("instructions beside the messages are the first message of a diff", async (t) => {
  const dir = folder(t);
  ["Be short", "Be short and kind"].forEach((told, index) => writeSession(dir, index + 1, [
    root("ask", 100, { llm: 1 }),
    span(2, 1, "llm", "plan", [10, 20], called("m", 10, 2, 0.1, {
      "gen_ai.system_instructions": JSON.stringify([{ type: "text", content: told }]),
      "gen_ai.input.messages": '[{"role":"user","content":"Find a lamp"}]',
    })),
  ]));
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/d/${traceId(1)}/${traceId(2)}`);
  await page.locator(".sentence", { hasText: "differs in message 1 (+2 words)" }).waitFor();
  await page.locator(".diff-row", { hasText: "plan" }).click();
  await eventually(async () => assert.deepEqual((await texts(page, ".detail section p")).slice(0, 2), ["The same 1 message, but for #1.", "#1 system"]));
});
