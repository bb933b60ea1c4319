/**
 * Measures the page beside its limits, as the table of docs/performance.md: medians of five runs.
 *
 *   node tests/figures.js
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { large, root, traceId, writeSession } from "./fixture.js";
import { AGENTOPS, closeBrowser, open, view } from "./page.js";

const RUNS = 5;
const cleanups = [];
const run = { after: (cleanup) => cleanups.push(cleanup) };
const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
const row = (what, value, limit, unit) => console.log(`| ${what} | ${value.toFixed(value < 10 ? 2 : 0)} ${unit}${value > limit ? ", over" : ""} | ${limit} ${unit} |`);

async function medians(measure) {
  const values = [];
  for (let number = 0; number < RUNS; number += 1) values.push(await measure());
  return median(values);
}

const dir = mkdtempSync(join(tmpdir(), "agentops-figures-"));
const stores = { thousand: join(dir, "1000"), many: join(dir, "10000"), spans: join(dir, "spans") };
for (let number = 1; number <= 10_000; number += 1) {
  const spans = [root(`session ${number % 20}`, 1000, { llm: 3, tool: 4, input: 100, output: 10, cost: 0.001 })];
  if (number <= 1000) writeSession(stores.thousand, number, spans, { start: 1_795_859_196_000_000_000n + BigInt(number) * 1_000_000_000n });
  writeSession(stores.many, number, spans, { start: 1_795_859_196_000_000_000n + BigInt(number) * 1_000_000_000n });
}
large(stores.spans, 1, 10_000, 900);
large(stores.spans, 2, 100_000, 900);

console.log(`${cpus().length} × ${cpus()[0].model}, headless Chromium, medians of ${RUNS}\n`);
console.log("| what | measured | limit |\n|---|---|---|");

for (const [name, store, limit] of [["1,000", stores.thousand, 500], ["10,000", stores.many, 1000]]) {
  row(`\`view\` started → list of ${name} sessions painted`, await medians(async () => {
    const begun = performance.now();
    const server = await view(run, store);
    const page = await open(run, server.address);
    await page.locator(".sessions tbody tr").first().waitFor();
    const took = performance.now() - begun;
    await page.context().close();
    await server.end();
    return took;
  }), limit, "ms");
}

const server = await view(run, stores.spans);
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024;
for (const [name, number, limit] of [["10,000", 1, 800], ["100,000", 2, 3000]]) {
  row(`open ${name} spans → first row`, await medians(async () => {
    const begun = performance.now();
    const page = await open(run, `${server.address}#/s/${traceId(number)}`);
    await page.locator("[role=row]").first().waitFor();
    const took = performance.now() - begun;
    await page.context().close();
    return took;
  }), limit, "ms");
}
row("resident set of the server after ten opens", memory(), 64, "MiB");

const page = await open(run, `${server.address}#/s/${traceId(2)}`);
await page.locator("[role=row]").first().waitFor();
const frames = await page.evaluate(async () => {
  const grid = document.querySelector("[role=treegrid]");
  const times = [];
  let last = performance.now();
  let nodes = 0;
  for (let frame = 0; frame < 180; frame += 1) {
    grid.scrollTop += 13_000;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
    nodes = Math.max(nodes, grid.querySelectorAll("*").length);
  }
  times.sort((one, other) => one - other);
  return { p50: times[90], p95: times[171], nodes };
});
row("scroll 100,000 rows, 180 frames, p50", frames.p50, 17, "ms");
row("the same, p95", frames.p95, 34, "ms");
row("nodes of the tree", frames.nodes, 600, "");
/** Milliseconds until the page has drawn what an action changes. */
const drawn = (action) => page.evaluate(`(async () => {
  const begun = performance.now();
  ${action};
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - begun;
})()`);
const click = (label) => `[...document.querySelectorAll("button")].find((button) => button.textContent.trim() === "${label}").click()`;
row("shut 2,000 agents of 100,000 spans", await medians(async () => {
  await drawn(click("Open all"));
  return drawn(click("Shut all"));
}), 50, "ms");
row("a key press in the tree", await medians(() => drawn('document.querySelector("[role=treegrid]").dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true }))')), 16, "ms");
await page.context().close();

const file = join(dir, "exported.html");
execFileSync(AGENTOPS, ["show", traceId(1), "--html", file, "--dir", stores.spans]);
row("exported file of 10,000 spans → first row", await medians(async () => {
  const begun = performance.now();
  const exported = await open(run, pathToFileURL(file).href);
  await exported.locator("[role=row]").first().waitFor();
  const took = performance.now() - begun;
  await exported.context().close();
  return took;
}), 1500, "ms");
const weight = ["", "app.js", "app.css"].map(async (path) => (await (await fetch(server.address + path)).arrayBuffer()).byteLength);
row("page weight", (await Promise.all(weight)).reduce((sum, bytes) => sum + bytes, 0) / 1000, 130, "kB");

await closeBrowser();
for (const cleanup of cleanups) await cleanup();
rmSync(dir, { recursive: true, force: true });
