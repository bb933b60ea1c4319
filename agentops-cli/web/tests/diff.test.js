/** Two sessions side by side. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { support, traceId } from "./fixture.js";
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
