/** Scores: given by keyboard, seen elsewhere, and where none can be given. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root, span, spanId, support, traceId, writeSession } from "./fixture.js";
import { AGENTOPS, closeBrowser, eventually, folder, open, texts, view } from "./page.js";

after(closeBrowser);

/** Moves the focus by the keyboard alone to the button with a name. */
async function tabTo(page, name) {
  for (let step = 0; step < 40; step += 1) {
    const at = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
    if (at === name) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the focus does not come to ${name}`);
}

const given = (page) => texts(page, ".scores li");

test("score that is given by keyboard appears in a second tab, the tree and an export", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const hash = `#/s/${traceId(1)}/${spanId(7)}`;
  const [page, tab] = [await open(t, address + hash), await open(t, address + hash)];
  for (const one of [page, tab]) await one.getByRole("button", { name: "score as correct", exact: true }).waitFor();
  await tabTo(page, "score as incorrect");
  await page.keyboard.press("Enter");
  await page.getByLabel("Comment").waitFor();
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.name), "explanation"));
  await page.keyboard.type("It was off.");
  await page.keyboard.press("Enter");
  for (const one of [page, tab]) await eventually(async () => assert.match((await given(one))[0], /^★ correctness 0 incorrect \S+ It was off\.$/));
  await eventually(async () => assert.deepEqual(await texts(tab, ".row.selected .scored"), ["★ score: correctness 0 incorrect"]));
  await eventually(async () => assert.deepEqual(await texts(tab, ".score-fact"), ["★ 1 score"]));
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "score as incorrect"));
  const line = JSON.parse(readFileSync(join(dir, `${traceId(1)}.scores`), "utf8"));
  const [record] = line.resourceLogs[0].scopeLogs[0].logRecords;
  assert.deepEqual([record.eventName, record.traceId, record.spanId], ["gen_ai.evaluation.result", traceId(1), spanId(7)]);
  if (process.platform !== "win32") assert.equal(statSync(join(dir, `${traceId(1)}.scores`)).mode & 0o777, 0o600);
  const file = join(dir, "run.html");
  execFileSync(AGENTOPS, ["show", "last", "--html", file, "--dir", dir]);
  const offline = await open(t, pathToFileURL(file).href + hash);
  await eventually(async () => assert.match((await given(offline))[0], /correctness 0 incorrect .* It was off\.$/));
  assert.equal(await offline.locator(".score-form").count(), 0);
  assert.deepEqual([page.faults, tab.faults, offline.faults], [[], [], []]);
});

test("session is scored at its root, and says what is wrong with a number", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`);
  await page.getByRole("button", { name: "Score", exact: true }).click();
  await page.getByLabel("Score", { exact: true }).fill("much");
  await page.keyboard.press("Enter");
  await eventually(async () => assert.match(await page.getByRole("alert").innerText(), /Write a number/));
  await page.getByLabel("Score", { exact: true }).fill("0.75");
  await page.getByLabel("of", { exact: true }).fill("style");
  await page.getByRole("button", { name: "Save" }).click();
  await eventually(async () => assert.match((await given(page))[0], /^★ style 0\.75 /));
  await eventually(async () => assert.deepEqual(await texts(page, ".score-fact"), ["★ style 0.75"]));
  const shown = execFileSync(AGENTOPS, ["show", "last", "--dir", dir, "--no-pager"], { encoding: "utf8" });
  assert.match(shown, /^scores: style 0\.75$/m);
  await page.getByRole("button", { name: "score as correct", exact: true }).click();
  await page.keyboard.press("Escape");
  await eventually(async () => assert.equal(await page.locator(".score-form form").count(), 0));
  assert.deepEqual(page.faults, []);
});

test("page that is read only has scores but no form", async (t) => {
  const dir = folder(t);
  const judged = { at: 5, name: "gen_ai.evaluation.result", attributes: { "gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.5, "gen_ai.evaluation.score.label": "fair" } };
  const path = writeSession(dir, 1, [root("ask", 10), span(2, 1, "tool", "search", [1, 9], {}, { events: [judged] })]);
  const hash = `#/s/${traceId(1)}/${spanId(2)}`;
  const [readOnly, file] = [await view(t, dir, "--read-only"), await view(t, path)];
  for (const { address } of [readOnly, file]) {
    const page = await open(t, address + hash);
    await eventually(async () => assert.match((await given(page))[0], /^★ relevance 0\.5 fair /));
    assert.equal(await page.locator(".score-form").count(), 0);
    const status = await page.evaluate(async (trace) => {
      const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"value":1}' };
      return (await fetch(`api/s/${trace}/scores`, options)).status;
    }, traceId(1));
    assert.equal(status, 405);
  }
});

test("refusal of the server stands beside the form, and what was written stays", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`);
  await page.route("**/scores", (route) => route.fulfill({ status: 405, contentType: "application/json", body: '{"error":"`sessions` cannot be written"}' }));
  await page.getByRole("button", { name: "score as correct", exact: true }).click();
  await page.getByLabel("Comment").fill("why");
  await page.keyboard.press("Enter");
  await eventually(async () => assert.equal(await page.getByRole("alert").innerText(), "`sessions` cannot be written"));
  assert.equal(await page.getByLabel("Comment").inputValue(), "why");
});
