/** The list of sessions: order, filters, sums, search, selection. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { count, dollars, duration, tokens } from "../src/format.js";
import { START, called, root, span, spanId, support, traceId, writeSession } from "./fixture.js";
import { AGENTOPS, closeBrowser, eventually, folder, open, texts, view } from "./page.js";

after(closeBrowser);

function store(test) {
  const dir = folder(test);
  support(dir, 1);
  writeSession(dir, 2, [root("nightly", 192_000, { llm: 9, tool: 8, input: 1_200_000, output: 88_000, cost: 1.84, errors: 4, state: "Failure" }, { error: "out of tokens" })]);
  writeSession(dir, 3, [root("ask", 45.9, { llm: 1, tool: 2, input: 3790, output: 61, more: { "tag.tags": ["qs"] } })]);
  return dir;
}

const rowNames = (page) => texts(page, ".sessions tbody .col-name a");

test("list shows the newest first with its figures", async (t) => {
  const { address } = await view(t, store(t));
  const page = await open(t, address);
  await page.locator(".sessions tbody tr").first().waitFor();
  await eventually(async () => assert.deepEqual(await rowNames(page), ["ask", "nightly", "support"]));
  const [ask, nightly] = await texts(page, ".sessions tbody tr");
  assert.match(ask, /^ask 00000003 qs .* 45\.9 ms 4 1 3\.79k → 61 – ✓ ok$/);
  assert.match(nightly, /3 min 12 s 18 9 1\.20M → 88\.0k \$1\.84 ✗4 ✗ failed$/);
  await eventually(async () => assert.equal((await texts(page, ".list-head .facts"))[0], "3 sessions 1.20M → 88.1k tokens $1.84 5 errors"));
  assert.deepEqual(page.faults, []);
});

test("list is filtered and sorted by its address", async (t) => {
  const { address } = await view(t, store(t));
  const page = await open(t, `${address}#/?sort=cost`);
  await page.locator(".sessions tbody tr").first().waitFor();
  await eventually(async () => assert.deepEqual(await rowNames(page), ["nightly", "support", "ask"]));
  await page.getByRole("radio", { name: "failed" }).click();
  await eventually(async () => assert.deepEqual(await rowNames(page), ["nightly"]));
  await eventually(async () => assert.match(page.url(), /#\/\?sort=cost&state=failed$/));
  await page.getByRole("radio", { name: "all" }).click();
  await page.keyboard.press("/");
  await page.keyboard.type("night");
  await eventually(async () => assert.deepEqual(await rowNames(page), ["nightly", "support"]));
  await page.locator("[data-search]").fill("nothing like this");
  await eventually(async () => assert.match(await page.locator(".empty").innerText(), /No session matches/));
});

test("list selects two sessions and compares the older with the newer", async (t) => {
  const { address } = await view(t, store(t));
  const page = await open(t, address);
  await page.locator(".sessions tbody tr").first().waitFor();
  await page.locator("tbody input").nth(0).check();
  await page.locator("tbody input").nth(2).check();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.locator(".sentence").waitFor();
  await eventually(async () => assert.ok(page.url().endsWith(`#/d/${traceId(1)}/${traceId(3)}`), page.url()));
});

test("empty folder says what will appear and how", async (t) => {
  const { address } = await view(t, folder(t));
  const page = await open(t, address);
  await page.locator(".empty").waitFor();
  await eventually(async () => assert.match(await page.locator(".empty").innerText(), /Sessions appear here[\s\S]*agentops::init\(\)[\s\S]*cargo run -p agentops-examples --example quickstart/));
});

test("search finds content in every language and inside of JSON", async (t) => {
  const dir = folder(t);
  const said = { role: "user", parts: [{ type: "text", content: 'say "ja\tnein" — 灯が点かない, لا يعمل المصباح' }] };
  writeSession(dir, 1, [
    root("ask", 10),
    span(2, 1, "llm", "answer", [1, 9], called("m", 1, 1, 0, { "gen_ai.input.messages": JSON.stringify([said]) })),
  ], { start: START });
  const { address } = await view(t, dir);
  for (const text of ["点かない", "المصباح", 'say "ja', "SAY"]) {
    const page = await open(t, `${address}#/?in=content&q=${encodeURIComponent(text)}`);
    await page.locator(".hits li").first().waitFor();
    await eventually(async () => assert.deepEqual(await texts(page, ".hits mark"), [text === "SAY" ? "say" : text]));
    await eventually(async () => assert.deepEqual(await rowNames(page), ["ask"]));
    await page.locator(".hits a").click();
    await page.locator("[role=treegrid]").waitFor();
    await eventually(async () => assert.ok(page.url().endsWith(`#/s/${traceId(1)}/${spanId(2)}`), page.url()));
    assert.deepEqual(page.faults, []);
  }
  const page = await open(t, `${address}#/?in=content&q=absent`);
  await page.getByText("0 hits", { exact: true }).waitFor();
});

test("several files and folders are one list, with an address for each session", async (t) => {
  const [dir, other] = [store(t), folder(t)];
  const file = writeSession(other, 7, [root("elsewhere", 12), span(2, 1, "tool", "find", [1, 9])]);
  const { address } = await view(t, dir, file);
  const page = await open(t, address);
  await eventually(async () => assert.deepEqual(await rowNames(page), ["elsewhere", "ask", "nightly", "support"]));
  await eventually(async () => assert.equal(await page.locator(".list-head h1 .mono").innerText(), "1 folder, 1 file"));
  assert.equal(await page.locator(".list-head h1 .mono").getAttribute("title"), `${dir}\n${file}`);
  for (const [trace, name] of [[7, "elsewhere"], [3, "ask"]]) {
    const session = await open(t, `${address}#/s/${traceId(trace)}`);
    await eventually(async () => assert.match(await session.locator(".session-head h1").innerText(), new RegExp(`^${name} `)));
    assert.deepEqual(session.faults, []);
  }
  const score = page.evaluate(async (trace) => (await (await fetch(`api/s/${trace}`)).json()).may_score, traceId(7));
  assert.equal(await score, false, "a file takes no scores");
});

/** Rows of `agentops stats` as the page shows them, the texts of a row as one. */
function stats(dir, ...options) {
  const printed = execFileSync(AGENTOPS, ["stats", "--json", ...options, "--dir", dir], { encoding: "utf8" });
  const rows = printed.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const has = (...keys) => rows.some((row) => keys.some((key) => row[key]));
  return rows.map((row) => [
    row.name,
    count(row.calls),
    ...(has("input_tokens", "output_tokens") ? [tokens(row.input_tokens, row.output_tokens)] : []),
    ...(has("cost_usd") ? [dollars(row.cost_usd)] : []),
    duration(row.p50_nano),
    duration(row.p95_nano),
    ...(row.errors > 0 ? [count(row.errors)] : []),
  ].join(" "));
}

test("numbers of a filtered list are those of agentops stats with the same filter", async (t) => {
  const dir = store(t);
  writeSession(dir, 4, [
    root("nightly", 5000, { llm: 1, tool: 1, input: 40, output: 2, cost: 0.25, errors: 1, state: "Failure" }, { error: "no" }),
    span(2, 1, "agent", "writer", [1, 4000], { "gen_ai.agent.name": "writer" }),
    span(3, 2, "llm", "ask", [2, 3000], called("gpt-4o-mini", 40, 2, 0.25)),
    span(4, 2, "tool", "search", [3000, 3500], {}, { error: "no" }),
  ]);
  const { address } = await view(t, dir);
  const filters = [
    ["", []],
    ["state=failed", ["--failed"]],
    ["q=nightly&state=failed", ["--failed", "--name", "nightly"]],
    ["since=30", ["--since", "30d"]],
  ];
  for (const [query, options] of filters) {
    const page = await open(t, `${address}#/?${query}`);
    await page.locator(".list-head .facts").waitFor();
    for (const by of ["model", "agent", "tool", "day"]) {
      await page.getByRole("button", { name: `by ${by}`, exact: true }).click();
      const expected = stats(dir, "--by", by, ...options);
      if (expected.length === 0) await page.getByText("There are no such calls.").waitFor();
      else await eventually(async () => assert.deepEqual(await texts(page, `[aria-label="totals by ${by}"] tbody tr`), expected, `${query} ${by}`));
    }
    const [day, ...others] = execFileSync(AGENTOPS, ["stats", "--json", "--by", "day", ...options, "--dir", dir], { encoding: "utf8" }).split("\n").filter(Boolean).map((line) => JSON.parse(line));
    assert.deepEqual(others, [], "all sessions are of one day");
    const sums = day && [`${tokens(day.input_tokens, day.output_tokens)} tokens`, dollars(day.cost_usd), ...(day.errors > 0 ? [`${day.errors} error${day.errors > 1 ? "s" : ""}`] : [])].join(" ");
    if (sums) await eventually(async () => assert.ok((await texts(page, ".list-head .facts"))[0].endsWith(sums), sums));
    if (day) await eventually(async () => assert.equal((await texts(page, ".multiples figcaption .muted")).at(-1), `p50 ${duration(day.p50_nano)} · p95 ${duration(day.p95_nano)}`));
    assert.deepEqual(page.faults, []);
  }
});

test("totals of a session are those of agentops stats, also in an exported file", async (t) => {
  const dir = folder(t);
  support(dir);
  const { address } = await view(t, dir);
  const file = `${dir}/run.html`;
  execFileSync(AGENTOPS, ["show", "last", "--html", file, "--dir", dir]);
  for (const at of [`${address}#/s/${traceId(1)}`, `file://${file}`]) {
    const page = await open(t, at);
    for (const by of ["model", "agent", "tool"]) {
      await eventually(async () => assert.deepEqual(await texts(page, `[aria-label="totals by ${by}"] tbody tr`), stats(dir, "--by", by), by));
    }
    assert.deepEqual(page.faults, []);
  }
});

test("selected sessions can be exported, and the bar of a time is to the scale of its name", async (t) => {
  const dir = folder(t);
  for (const [trace, took] of [[1, 100], [2, 50], [3, 400]]) writeSession(dir, trace, [root(trace === 3 ? "other" : "ask", took)]);
  const { address } = await view(t, dir);
  const page = await open(t, address);
  await page.locator(".sessions tbody tr").first().waitFor();
  const widths = await page.locator(".mini span").evaluateAll((bars) => bars.map((bar) => bar.style.width));
  assert.deepEqual(widths, ["100%", "50%", "100%"]);
  await page.locator("tbody input").nth(0).check();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
  assert.equal(download.suggestedFilename(), "session-00000003.html");
});

test("list stays where it is when its sums arrive", async (t) => {
  const { address } = await view(t, store(t));
  const page = await open(t, `${address}#/s/none`);
  let send;
  const held = new Promise((resolve) => (send = resolve));
  await page.route("**/api/stats*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${address}#/`);
  const top = () => page.locator(".sessions").evaluate((table) => table.getBoundingClientRect().top);
  await page.locator(".sessions tbody tr").first().waitFor();
  const before = await top();
  send();
  await page.locator(".multiples figure").first().waitFor();
  assert.equal(await top(), before);
});
