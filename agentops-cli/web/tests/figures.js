/**
 * Measures the page beside its limits, as the table of docs/performance.md: medians of five runs.
 *
 *   cargo build --release -p agentops-cli && cargo build -p agentops-cli --example steps
 *   AGENTOPS=target/release/agentops node agentops-cli/web/tests/figures.js
 *
 * What does not depend on the machine is tested in figures.test.js.
 */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { find } from "../src/model/find.js";
import { Session } from "../src/model/session.js";
import { called, large, root, span, traceId, writeSession } from "./fixture.js";
import { at, computed, counted, frames, median, ready, resident, worked } from "./measure.js";
import { AGENTOPS, closeBrowser, open, view } from "./page.js";

const RUNS = 5;
const STEPS = process.env.STEPS ?? new URL("../../../target/debug/examples/steps", import.meta.url).pathname;
const cleanups = [];
const run = { after: (cleanup) => cleanups.push(cleanup) };
const dir = mkdtempSync(join(tmpdir(), "agentops-figures-"));
run.after(() => rmSync(dir, { recursive: true, force: true }));

function row(what, value, limit, unit, beside = "") {
  const number = (of) => `${of.toFixed(of < 10 && !Number.isInteger(of) ? 2 : 0)} ${unit}`.trim();
  console.log(`| ${what} | ${number(value)}${value > limit ? ", over" : ""} | ${beside} | ${number(limit)} |`);
}

const milliseconds = (value) => `${value.toFixed(0)} ms`;

async function medians(measure) {
  const values = [];
  for (let number = 0; number < RUNS; number += 1) values.push(await measure());
  return median(values);
}

/** Milliseconds until a page has drawn an element that matches. */
async function painted(address, selector) {
  const begun = performance.now();
  const page = await open(run, await address(), { waitUntil: "commit" });
  await page.locator(selector).first().waitFor();
  const took = performance.now() - begun;
  await page.context().close();
  return took;
}

/** Sessions of 24 spans and 1.4 kB of content each, as `benches/look` writes them. */
function sessions(name, number) {
  const folder = join(dir, name);
  for (let trace = 1; trace <= number; trace += 1) {
    const spans = [root(`session ${trace % 20}`, 24, { llm: 3, tool: 21, input: 300, output: 21, cost: 0.001 })];
    for (let leaf = 0; leaf < 24; leaf += 1) {
      const content = { "input.value": "x".repeat(700), "output.value": `lamp ${"y".repeat(700)}` };
      const isModel = leaf % 10 === 0;
      spans.push(span(leaf + 2, 1, isModel ? "llm" : "tool", isModel ? "ask" : "look", [leaf, leaf + 0.9], isModel ? { ...content, ...called("m", 100, 7, 0.0001) } : content));
    }
    writeSession(folder, trace, spans, { start: 1_795_859_196_000_000_000n + BigInt(trace) * 1_000_000_000n });
  }
  return folder;
}

async function list(blank, many) {
  for (const [name, folder, limit] of [["1,000", sessions("few", 1000), 500], ["10,000", many, 1000]]) {
    let server;
    const start = async () => (server = await view(run, folder)).address;
    row(`\`view\` started → list of ${name} sessions`, await medians(async () => {
      const took = await painted(start, ".sessions tbody tr");
      await server.end();
      return took;
    }), limit, "ms", `an empty page ${milliseconds(blank)}`);
  }
}

async function opened(blank, server) {
  for (const [name, number, limit] of [["10,000", 1, 800], ["100,000", 2, 3000]]) {
    const address = `${server.address}#/s/${traceId(number)}`;
    row(`open ${name} spans → first row`, await medians(() => painted(() => address, "[role=row]")), limit, "ms", `an empty page ${milliseconds(blank)}`);
  }
  const before = resident(server.pid);
  for (let number = 0; number < 10; number += 1) await (await fetch(`${server.address}api/s/${traceId(2)}`)).text();
  row("server after ten more opens", resident(server.pid), 64, "MiB", `before ${before.toFixed(0)} MiB`);
}

async function moved(server) {
  const page = await open(run, `${server.address}#/s/${traceId(2)}`);
  await ready(page);
  const beside = async (action, idle) => {
    const { script, style, layout, all } = await worked(page, action, 10);
    return `idle ${idle.toFixed(0)} ms; ${all.toFixed(0)} ms of work: script ${script.toFixed(0)}, style ${style.toFixed(0)}, layout ${layout.toFixed(0)}`;
  };
  const leaps = await frames(page, "leap", 180);
  row("scroll 100,000 rows by 540 a frame, p50", median(leaps.acted), 17, "ms", await beside("leap", median(leaps.idle)));
  row("the same, p95", at(leaps.acted, 0.95), 34, "ms", `idle ${milliseconds(at(leaps.idle, 0.95))}`);
  const leap = await counted(page, "leap", 20);
  row("elements of the tree", leap.most, 600, "", `${leap.made.toFixed(0)} made a leap`);
  const shut = await frames(page, "shut", RUNS, "open");
  row("shut 2,000 agents", median(shut.acted), 50, "ms", `idle ${milliseconds(median(shut.idle))}`);
  const key = await frames(page, "key", 25);
  const touched = await counted(page, "key", 10);
  row("a key press in the tree", median(key.acted), 16, "ms", `${await beside("key", median(key.idle))}; ${touched.rows.toFixed(0)} rows touched`);
  await page.context().close();
  const session = new Session(await (await fetch(`${server.address}api/s/${traceId(2)}`)).json());
  row("find in the names of 100,000 spans", await medians(() => {
    const begun = performance.now();
    find(session, "tool 1");
    return performance.now() - begun;
  }), 10, "ms");
}

async function searched(folder) {
  const server = await view(run, folder);
  const search = async (text) => {
    const begun = performance.now();
    const reader = (await fetch(`${server.address}api/search?q=${text}&case=0`)).body.getReader();
    await reader.read();
    const first = performance.now() - begun;
    while (!(await reader.read()).done);
    return [first, performance.now() - begun];
  };
  await search("absent");
  row("search 500 MB, first hit", await medians(async () => (await search("lamp"))[0]), 100, "ms");
  row("the same, no hit", await medians(async () => (await search("absent"))[1]), 600, "ms");
  const page = await open(run, server.address);
  await page.locator(".sessions tbody tr").first().waitFor();
  const [begun, before] = [performance.now(), computed(server.pid)];
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const share = (100_000 * (computed(server.pid) - before)) / (performance.now() - begun);
  row("server of 10,000 sessions beside one page, of a core", share, 0.5, "%");
  await page.context().close();
  await server.end();
}

async function live() {
  const folder = join(dir, "live");
  const server = await view(run, folder);
  const program = spawn(STEPS, { env: { ...process.env, AGENTOPS_LOCAL_DIR: folder, AGENTOPS_CONSOLE: "off" }, stdio: ["pipe", "ignore", "inherit"] });
  run.after(() => program.kill("SIGKILL"));
  const page = await open(run, server.address);
  program.stdin.write("begin\n");
  await page.locator(".sessions .col-name a").first().click();
  await page.locator("[role=row] .name", { hasText: "begin" }).waitFor();
  let number = 0;
  row("a span ends → row on the screen", await medians(async () => {
    const name = `step ${(number += 1)}.`;
    const begun = performance.now();
    program.stdin.write(`${name}\n`);
    await page.locator("[role=row] .name", { hasText: name }).waitFor();
    return performance.now() - begun;
  }), 2500, "ms");
  await page.context().close();
}

async function exported(blank, folder) {
  for (const [name, number, limit] of [["10,000", 1, 1500], ["100,000", 2, 3000]]) {
    const file = join(dir, `exported-${number}.html`);
    execFileSync(AGENTOPS, ["show", traceId(number), "--html", file, "--dir", folder]);
    const address = pathToFileURL(file).href;
    row(`exported file of ${name} spans → first row`, await medians(() => painted(() => address, "[role=row]")), limit, "ms", `an empty page ${milliseconds(blank)}`);
  }
}

async function weighed(server) {
  const weight = ["", "app.js", "app.css"].map(async (path) => (await (await fetch(server.address + path)).arrayBuffer()).byteLength);
  row("page weight, three files, unminified", (await Promise.all(weight)).reduce((sum, bytes) => sum + bytes, 0) / 1000, 130, "kB");
}

try {
  const folder = join(dir, "spans");
  large(folder, 1, 10_000, 900);
  large(folder, 2, 100_000, 900);
  const many = sessions("many", 10_000);
  console.log(`${cpus().length} × ${cpus()[0].model}, headless Chromium without a graphics card, medians of ${RUNS}\n`);
  console.log("| what | measured | of which, or beside | limit |\n|---|---|---|---|");
  const blank = await medians(() => painted(() => "data:text/html,<p>empty</p>", "p"));
  await list(blank, many);
  const server = await view(run, folder);
  await opened(blank, server);
  await moved(server);
  await exported(blank, folder);
  await weighed(server);
  await server.end();
  await searched(many);
  await live();
} finally {
  await closeBrowser();
  for (const cleanup of cleanups.reverse()) await cleanup();
}
