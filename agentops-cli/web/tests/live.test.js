/** The page beside programs that run, servers that end and stores that are broken. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { START, line, root, span, support, traceId, writeSession } from "./fixture.js";
import { closeBrowser, eventually, folder, names, open, texts, view } from "./page.js";

after(closeBrowser);

const STEPS = process.env.STEPS ?? new URL("../../../target/debug/examples/steps", import.meta.url).pathname;

/** A program with a session that takes a step for each line of its input. */
function program(t, dir) {
  const child = spawn(STEPS, { env: { ...process.env, AGENTOPS_LOCAL_DIR: dir, AGENTOPS_CONSOLE: "off" }, stdio: ["pipe", "ignore", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return { step: (name) => child.stdin.write(`${name}\n`), end: () => child.stdin.end(), kill: () => child.kill("SIGKILL") };
}

/** A program that has taken a step, and the list with it. */
async function listed(t) {
  const dir = folder(t);
  const { address } = await view(t, dir);
  const page = await open(t, address);
  const running = program(t, dir);
  running.step("look");
  await page.locator(".state.runs").waitFor();
  return { page, running };
}

test("running program appears with its step, grows row by row and ends", async (t) => {
  const { page, running } = await listed(t);
  await eventually(async () => assert.match((await texts(page, ".sessions tbody tr"))[0], /^steps .*running/));
  await page.locator(".col-name a").click();
  await page.locator("[role=row] .name", { hasText: "look" }).waitFor();
  await eventually(async () => assert.equal(await page.locator("[role=row].open").count() > 0, true, "its parents are still open"));
  await page.locator("[role=row]", { hasText: "look" }).click();
  running.step("think");
  await page.locator("[role=row] .name", { hasText: "think" }).waitFor();
  await eventually(async () => assert.match(await page.locator("[role=row][aria-selected=true] .name").innerText(), /look/, "the selection stays"));
  running.end();
  await page.locator(".session-head .state.ok").waitFor();
  await eventually(async () => assert.equal(await page.locator("[role=row].open").count(), 0));
  assert.deepEqual(page.faults, []);
});

test("follow keeps the newest span selected", async (t) => {
  const { page, running } = await listed(t);
  await page.locator(".col-name a").click();
  await page.locator("[role=row] .name", { hasText: "look" }).waitFor();
  await page.keyboard.press("f");
  await eventually(async () => assert.equal(await page.getByRole("button", { name: "Follow" }).getAttribute("aria-pressed"), "true"));
  running.step("think");
  await page.locator("[role=row][aria-selected=true] .name", { hasText: "think" }).waitFor();
  running.end();
  await page.locator(".session-head .state.ok").waitFor();
});

test("killed program is shown as aborted", async (t) => {
  const { page, running } = await listed(t);
  running.kill();
  await page.locator(".state", { hasText: "aborted" }).waitFor();
});

test("page outlives its server and goes on with the next one", async (t) => {
  const dir = folder(t);
  support(dir);
  const first = await view(t, dir);
  const page = await open(t, first.address);
  await page.locator(".sessions tbody tr").first().waitFor();
  await first.end();
  await page.locator(".gone").waitFor();
  await eventually(async () => assert.match(await page.locator(".gone").innerText(), /`agentops view` has ended/));
  await eventually(async () => assert.deepEqual(await texts(page, ".col-name a"), ["support"], "what was read stays"));
  support(dir, 2);
  await view(t, dir, "--port", String(first.port));
  await page.locator(".gone").waitFor({ state: "detached" });
  await page.locator(".sessions tbody tr").nth(1).waitFor();
});

test("eight tabs at once stay alive", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const pages = await Promise.all(Array.from({ length: 8 }, () => open(t, `${address}#/s/${traceId(1)}`)));
  await Promise.all(pages.map((page) => page.locator("[role=row]").nth(6).waitFor()));
  support(dir, 2);
  await Promise.all(pages.map(async (page) => {
    await page.goto(`${address}#/`);
    await page.locator(".sessions tbody tr").nth(1).waitFor();
    assert.deepEqual(page.faults, []);
  }));
});

test("broken store shows what is whole and counts the rest", async (t) => {
  const dir = folder(t);
  support(dir, 1);
  const cut = support(dir, 2);
  writeFileSync(cut, readFileSync(cut, "utf8").slice(0, -40));
  writeFileSync(join(dir, `${traceId(3)}.jsonl`), "not a line of JSON\n\u0000\u0001\n");
  writeFileSync(join(dir, `${traceId(4)}.jsonl`), "");
  symlinkSync("/nowhere", join(dir, `${traceId(5)}.jsonl`));
  const cycle = [span(2, 3, "tool", "one", [0, 1]), span(3, 2, "tool", "two", [0, 1])];
  writeFileSync(join(dir, `${traceId(6)}.jsonl`), line(6, START, [...cycle, root("cycle", 10), root("cycle", 10)]));
  const { address } = await view(t, dir);
  const page = await open(t, address);
  await page.locator(".sessions tbody tr").first().waitFor();
  const listed = await texts(page, ".col-name a");
  assert.ok(listed.includes("support") && listed.includes("cycle"), listed.join());
  for (const number of [2, 6]) {
    const broken = await open(t, `${address}#/s/${traceId(number)}`);
    await broken.locator("[role=row]").first().waitFor();
    await eventually(async () => assert.ok((await names(broken)).length >= 2));
    assert.deepEqual(broken.faults, []);
  }
  const faulty = await open(t, `${address}#/s/${traceId(2)}`);
  await faulty.locator(".faults summary").waitFor();
  await eventually(async () => assert.match(await faulty.locator(".faults").innerText(), /could not be read/));
});

test("file that grows under the page is read on", async (t) => {
  const dir = folder(t);
  const path = writeSession(dir, 1, [root("ask", 10), span(2, 1, "tool", "first", [1, 2])]);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`);
  await page.locator("[role=row]").nth(1).waitFor();
  appendFileSync(path, line(1, START + 60_000_000_000n, [span(3, 1, "tool", "second", [3, 4])]));
  await page.locator("[role=row] .name", { hasText: "second" }).waitFor();
});
