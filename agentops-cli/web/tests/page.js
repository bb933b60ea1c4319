/**
 * The page as a test sees it: `agentops view` as a process, and a browser.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const AGENTOPS = process.env.AGENTOPS ?? new URL("../../../target/debug/agentops", import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A folder that is gone after the test. */
export function folder(test) {
  const path = mkdtempSync(join(tmpdir(), "agentops-page-"));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts `agentops view`; resolves with its address and a way to end it. */
export async function view(test, directory, ...options) {
  const child = spawn(AGENTOPS, ["view", directory, "--no-open", ...options], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, XDG_STATE_HOME: join(directory, ".state") } });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const end = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  test.after(end);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line)?.[0];
    if (address) return { address: address.replace(/\/?$/, "/"), port: Number(new URL(address).port), end, pid: child.pid };
  }
  throw new Error("`agentops view` ended without an address");
}

let browser;

/** One browser for all tests of a file. */
async function shared() {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
}

/**
 * Opens a page in a context of its own. What it logs, blocks, asks for elsewhere or throws is kept in `faults`.
 */
export async function open(test, address, { width = 1280, height = 800, waitUntil = "load", ...options } = {}) {
  const context = await (await shared()).newContext({ viewport: { width, height }, ...options });
  test.after(() => context.close());
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const origin = new URL(address).origin;
  page.on("request", (request) => {
    const url = request.url();
    const isOwn = origin === "null" ? url === address.replace(/#.*/, "") : url.startsWith(origin);
    if (!isOwn && !url.startsWith("data:")) faults.push(`request: ${url}`);
  });
  await page.goto(address, { waitUntil });
  return Object.assign(page, { faults });
}

/** Most milliseconds until the page shows what a test expects. */
const PATIENCE = 20_000;

/**
 * Checks until it holds: a page draws what a key or an answer changes a moment later.
 */
export async function eventually(check) {
  for (const begun = performance.now(); ; ) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() - begun > PATIENCE) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Texts of the elements that match. */
export function texts(page, selector) {
  return page.locator(selector).evaluateAll((elements) => elements.map((element) => element.innerText.replace(/\s+/g, " ").trim()));
}

/** Names of the rows of the tree. */
export function names(page) {
  return texts(page, "[role=treegrid] [role=row] .name");
}

/** Name of the row that has the focus. */
export function selected(page) {
  return page.locator("[role=row][aria-selected=true] .name").innerText();
}
