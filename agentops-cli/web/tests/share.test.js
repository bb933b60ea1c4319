/** Addresses and files that are passed on, and what strangers put into traces. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { called, root, scoreLine, span, spanId, support, traceId, writeSession } from "./fixture.js";
import { AGENTOPS, closeBrowser, eventually, folder, names, open, selected, texts, view } from "./page.js";

after(closeBrowser);

function exported(dir, file, ...options) {
  return execFileSync(AGENTOPS, ["show", "last", "--html", file, ...options, "--dir", dir], { encoding: "utf8" });
}

test("address of a span holds after a restart, in a new tab and in an exported file", async (t) => {
  const dir = folder(t);
  support(dir);
  const hash = `#/s/${traceId(1)}/${spanId(5)}`;
  const first = await view(t, dir);
  const page = await open(t, first.address + hash);
  await page.locator("[role=row]").first().waitFor();
  await eventually(async () => assert.equal(await selected(page), "search"));
  await first.end();
  const second = await view(t, dir, "--port", String(first.port));
  assert.equal(second.address, first.address, "the token is kept");
  const tab = await open(t, second.address + hash);
  await tab.locator("[role=row]").first().waitFor();
  await eventually(async () => assert.equal(await selected(tab), "search"));
  const file = join(dir, "shared.html");
  exported(dir, file);
  const offline = await open(t, pathToFileURL(file).href + hash);
  await offline.locator("[role=row]").first().waitFor();
  await eventually(async () => assert.equal(await selected(offline), "search"));
  await offline.getByText("Turn it off and on.").waitFor();
  await offline.getByLabel("Find in session").fill("MY LAMP");
  await offline.getByRole("button", { name: "In contents" }).click();
  await eventually(async () => assert.deepEqual(await texts(offline, ".toolbar [role=status]"), ["2 hits"]));
  // Kinds of spans are no content, in the file as on the server.
  await offline.getByLabel("Find in session").fill("agent");
  await eventually(async () => assert.deepEqual(await texts(offline, ".toolbar [role=status]"), ["no hit"]));
  assert.deepEqual(offline.faults, []);
});

test("exported file says what is inside, and leaves content out on demand", async (t) => {
  const dir = folder(t);
  support(dir);
  assert.match(exported(dir, join(dir, "a.html")), /\d+ messages?/);
  exported(dir, join(dir, "b.html"), "--no-content");
  const [whole, bare] = ["a.html", "b.html"].map((name) => readFileSync(join(dir, name), "utf8"));
  assert.match(whole, /Turn it off and on/);
  assert.doesNotMatch(bare, /Turn it off and on|My lamp does not work|no such file: FAQ/);
  const page = await open(t, pathToFileURL(join(dir, "b.html")).href);
  await page.locator("[role=row]").first().waitFor();
  await eventually(async () => assert.equal((await names(page)).length, 7));
  assert.deepEqual(page.faults, []);
});

const PAYLOADS = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "<svg onload=alert(1)>",
  "javascript:alert(1)",
  "[a](javascript:alert(1))",
  "\u202Ereversed\u202C \u0000\u0007\u001b[31m",
  "\u2028\u2029",
  "{{constructor.constructor('alert(1)')()}}",
];

/** A session with hostile text in every string field. */
function hostile(dir) {
  const all = PAYLOADS.join(" ");
  const message = (role, content) => ({ role, parts: [{ type: "text", content }, { type: all, value: all }, { type: "tool_call", id: all, name: all, arguments: { [all]: all } }] });
  const more = {
    "gen_ai.request.model": all,
    "gen_ai.provider.name": all,
    "gen_ai.agent.name": all,
    "gen_ai.tool.call.id": all,
    "gen_ai.input.messages": JSON.stringify([message("user", all), message(all, `# ${all}\n- ${all}\n\`\`\`\n${all}\n\`\`\``)]),
    "gen_ai.output.messages": JSON.stringify([message("assistant", all)]),
    "gen_ai.system_instructions": all,
    "gen_ai.tool.definitions": all,
    "code.file.path": all,
    "code.line.number": 1,
    [all]: all,
  };
  const judged = { "gen_ai.evaluation.name": all, "gen_ai.evaluation.score.label": all, "gen_ai.evaluation.explanation": all, "user.id": all };
  const events = [{ at: 1, name: all, attributes: { [all]: all } }, { at: 1, name: "gen_ai.evaluation.result", attributes: judged }];
  const spans = PAYLOADS.map((name, index) => span(index + 2, 1, index % 2 ? "llm" : "tool", name, [index, index + 1], more, { error: all, events }));
  const long = span(99, 1, "tool", "n".repeat(1_000_000), [20, 21], { "input.value": "<b>".repeat(400_000) });
  writeSession(dir, 1, [root(all, 30, { more: { "tag.tags": PAYLOADS } }, { error: all }), ...spans, long]);
  writeFileSync(join(dir, `${traceId(1)}.scores`), scoreLine(1, judged) + "\n");
}

async function lookAround(page) {
  await page.locator("[role=row]").first().waitFor();
  const rows = await page.locator("[role=treegrid]").getAttribute("aria-rowcount");
  for (let row = 0; row < Number(rows); row += 1) {
    for (const tab of ["1", "2", "3", "4", "5"]) await page.keyboard.press(tab);
    await page.keyboard.press("j");
  }
  const injected = await page.evaluate(() => document.querySelectorAll("#app script, #app img, #app svg[onload], #app iframe").length);
  assert.equal(injected, 0);
  await eventually(async () => assert.deepEqual(await texts(page, ".score-fact"), [`★ ${PAYLOADS.length + 1} scores`]));
}

test("hostile texts stay texts on the page", async (t) => {
  const dir = folder(t);
  hostile(dir);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`);
  await lookAround(page);
  await page.goto(`${address}#/?q=alert&in=content`);
  await page.locator(".hits li").first().waitFor();
  await page.goto(`${address}#/d/${traceId(1)}/${traceId(1)}`);
  await page.locator(".sentence").waitFor();
  assert.deepEqual(page.faults, []);
});

test("hostile texts stay texts in an exported file, also among injected tags", async (t) => {
  const dir = folder(t);
  hostile(dir);
  const file = join(dir, "hostile.html");
  exported(dir, file);
  const page = await open(t, pathToFileURL(file).href);
  await lookAround(page);
  assert.deepEqual(page.faults, []);
  appendFileSync(file, "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>");
  writeFileSync(join(dir, "src.html"), readFileSync(file, "utf8").replace("</head>", '<script src="data:text/javascript,window.pwned=1"></script></head>'));
  for (const name of ["hostile.html", "src.html"]) {
    const injected = await open(t, pathToFileURL(join(dir, name)).href);
    await injected.locator("[role=row]").first().waitFor();
    await eventually(async () => assert.equal(await injected.evaluate(() => window.pwned), undefined, name));
  }
});

test("values that look like keys are masked in an exported file", async (t) => {
  const dir = folder(t);
  const key = `sk-proj-${"a1B2".repeat(12)}`;
  writeSession(dir, 1, [root("ask", 10), span(2, 1, "llm", "answer", [1, 2], called("m", 1, 1, 0, { "gen_ai.input.messages": JSON.stringify([{ role: "user", content: `use ${key}` }]), "my.api_key": "hunter2" }))]);
  const file = join(dir, "masked.html");
  assert.match(exported(dir, file), /masked/);
  assert.doesNotMatch(readFileSync(file, "utf8"), new RegExp(`${key}|hunter2`));
  await eventually(async () => assert.deepEqual(await texts(await open(t, pathToFileURL(file).href), ".gone"), []));
});
