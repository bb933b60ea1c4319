/**
 * Takes the pictures of docs/images: `node tests/screenshots.js SESSIONS IMAGES` over a folder with runs of the quickstart
 * and of the rig example.
 */

import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { AGENTOPS } from "./page.js";

const [, , sessions, images] = process.argv;
mkdirSync(images, { recursive: true });
const child = spawn(AGENTOPS, ["view", sessions, "--no-open"], { stdio: ["ignore", "pipe", "inherit"] });
const [line] = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", (line) => resolve([line])));
const address = /http:\S+/.exec(line)[0].replace(/\/?$/, "/");
const list = (await (await fetch(`${address}api/sessions`)).json()).sessions;
const newest = (name) => list.filter((session) => session.name === name).sort((one, other) => (one.start < other.start ? 1 : -1));
const [ask, before] = newest("ask");
const [rig] = newest("rig");
const session = await (await fetch(`${address}api/s/${rig.id}`)).json();
// The call that saw what a tool answered.
const call = session.kind.findIndex((kind, node) => session.strings[kind] === "llm" && session.strings[session.kind[node - 1]] === "tool");
const span = session.id16.slice(call * 16, call * 16 + 16);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const pictures = {
  list: { hash: "#/", wait: ".sessions tbody tr" },
  session: { hash: `#/s/${before?.id ?? ask.id}`, wait: "[role=row]" },
  conversation: { hash: `#/s/${rig.id}/${span}`, wait: ".message" },
  diff: { hash: `#/d/${before?.id ?? ask.id}/${ask.id}`, wait: ".sentence" },
  dark: { hash: `#/s/${rig.id}/${span}`, wait: ".message", colorScheme: "dark" },
  narrow: { hash: `#/s/${before?.id ?? ask.id}`, wait: "[role=row]", width: 375, height: 800 },
};
for (const [name, { hash, wait, colorScheme = "light", width = 1280, height = 640 }] of Object.entries(pictures)) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  await page.goto(address + hash);
  await page.locator(wait).first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(images, `${name}.png`) });
  await context.close();
}
await browser.close();
child.kill();
