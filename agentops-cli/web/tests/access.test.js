/** Every screen by axe: both themes, wide and 320 px. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { spanId, support, traceId } from "./fixture.js";
import { closeBrowser, folder, open, view } from "./page.js";

after(closeBrowser);

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const SCREENS = {
  list: "#/",
  "list with hits": "#/?in=content&q=lamp",
  session: `#/s/${traceId(1)}`,
  conversation: `#/s/${traceId(1)}/${spanId(7)}`,
  "agent turns": `#/s/${traceId(1)}/${spanId(2)}`,
  attributes: `#/s/${traceId(1)}/${spanId(5)}?tab=attributes`,
  diff: `#/d/${traceId(1)}/${traceId(2)}`,
  problem: "#/s/none",
};

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 320]) {
    test(`screens have no fault that axe finds, ${colorScheme}, ${width} px`, async (t) => {
      const dir = folder(t);
      support(dir, 1);
      support(dir, 2, { words: ["bulb"] });
      const { address } = await view(t, dir);
      for (const [name, hash] of Object.entries(SCREENS)) {
        const page = await open(t, address + hash, { width, colorScheme, bypassCSP: true });
        await page.waitForLoadState("networkidle");
        await page.locator("main").waitFor();
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => axe.run());
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(found, [], name);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
      }
    });
  }
}

test("help is without fault, too", async (t) => {
  const dir = folder(t);
  support(dir, 1);
  const { address } = await view(t, dir);
  const page = await open(t, address, { bypassCSP: true });
  await page.locator(".sessions").waitFor();
  await page.keyboard.press("?");
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(violations.map(({ id }) => id), []);
});

test("forced colours keep marks and selection", async (t) => {
  const dir = folder(t);
  support(dir, 1);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`, { forcedColors: "active" });
  await page.locator("[role=row]").first().waitFor();
  const outline = await page.locator("[role=row][aria-selected=true]").evaluate((row) => getComputedStyle(row).outlineStyle);
  assert.equal(outline, "solid");
  const bar = await page.locator(".bar").first().evaluate((bar) => getComputedStyle(bar).backgroundColor);
  assert.notEqual(bar, "rgba(0, 0, 0, 0)");
});
