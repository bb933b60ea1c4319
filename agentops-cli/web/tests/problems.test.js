/** What the page says when something is not there, not yet, or no longer. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, test } from "node:test";
import { root, span, spanId, support, traceId, writeSession } from "./fixture.js";
import { closeBrowser, eventually, folder, names, open, selected, texts, view } from "./page.js";

after(closeBrowser);

/** A session whose span `answer` is selected. */
async function chosen(t) {
  const dir = folder(t);
  const file = support(dir);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}/${spanId(7)}`);
  await page.locator(".conversation").waitFor();
  return { dir, file, address, page };
}

test("session whose file vanished stays readable and says so", async (t) => {
  const { file, page, address } = await chosen(t);
  rmSync(file);
  await eventually(async () => assert.match((await texts(page, ".note.wide[role=alert]"))[0], /^there is no session .* What was read of it stays here\.$/));
  assert.equal((await names(page)).length, 7);
  assert.equal(await selected(page), "answer");
  const fresh = await open(t, `${address}#/s/${traceId(1)}`);
  await eventually(async () => assert.match(await fresh.locator(".problem-screen").innerText(), /there is no session/));
});

test("file that another one took the place of is shown anew, with the span that was selected", async (t) => {
  const { dir, page } = await chosen(t);
  writeSession(dir, 1, [root("support", 2000), span(9, 1, "tool", "first", [0, 10]), span(7, 1, "tool", "other answer", [20, 30])]);
  await eventually(async () => assert.deepEqual(await names(page), ["support", "first", "other answer"]));
  assert.equal(await selected(page), "other answer");
  await page.reload();
  await page.locator("[role=row]").first().waitFor();
  await eventually(async () => assert.equal(await selected(page), "other answer"));
  await eventually(async () => assert.match((await texts(page, ".pane-title"))[0], /other answer/));
});

test("span that is not in the session is named", async (t) => {
  const { page, address } = await chosen(t);
  await page.goto(`${address}#/s/${traceId(1)}/${"e".repeat(16)}`);
  await eventually(async () => assert.match((await texts(page, ".note.wide"))[0], /^There is no span e{16} in this session\.$/));
});

test("session without spans says so and shows them when they come", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const page = await open(t, address);
  let isEmpty = true;
  await page.route(/api\/s\/[0-9a-f]+(\?|$)/, async (route) => {
    if (!isEmpty) return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...(await response.json()), nodes: 0, id16: "", state: "running", version: "none" } });
  });
  await page.goto(`${address}#/s/${traceId(1)}`);
  await eventually(async () => assert.match((await texts(page, ".empty"))[0], /^This session has no spans yet\./));
  isEmpty = false;
  await eventually(async () => assert.equal((await names(page)).length, 7));
});
