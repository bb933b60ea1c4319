/** What the page costs, as far as it repeats on a busy machine: counts, bytes, and times beside those of a small tree. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { find } from "../src/model/find.js";
import { rows, TreeState } from "../src/model/rows.js";
import { Session } from "../src/model/session.js";
import { large, root, traceId, writeSession } from "./fixture.js";
import { counted, ready, resident, worked } from "./measure.js";
import { closeBrowser, folder, open, view } from "./page.js";

after(closeBrowser);

/** Elements of the tree, however many spans there are. */
const MOST_ELEMENTS = 600;

test("page is three files of 185 kB, and asks for the list alone before it is drawn", async (t) => {
  const dir = folder(t);
  for (let number = 1; number <= 300; number += 1) writeSession(dir, number, [root("ask", 1000, { input: 100, cost: 0.001 })]);
  const { address } = await view(t, dir);
  const page = await open(t, "about:blank");
  const asked = [];
  page.on("request", (request) => asked.push(request.url().replace(address, "").replace(/\?.*/, "")));
  await page.goto(address);
  await page.locator(".sessions tbody tr").first().waitFor();
  assert.deepEqual([...new Set(asked)].filter((path) => !path.startsWith("data:")).sort(), ["", "api/sessions", "app.css", "app.js"]);
  const bytes = await Promise.all(["", "app.js", "app.css"].map(async (path) => (await (await fetch(address + path)).arrayBuffer()).byteLength));
  const sum = bytes.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(sum < 185_000, `${sum} bytes`);
});

/** A page with a tree of so many spans. */
async function tree(t, leaves) {
  const dir = folder(t);
  large(dir, 1, leaves);
  const { address } = await view(t, dir);
  const page = await open(t, `${address}#/s/${traceId(1)}`);
  await ready(page);
  return page;
}

test("rows of 10,000 spans are drawn in few elements, which stay", async (t) => {
  const page = await tree(t, 10_000);
  const key = await counted(page, "key", 10);
  assert.deepEqual({ made: key.made, rows: key.rows }, { made: 0, rows: 2 }, "a key press touches the row that is left and the one that is reached");
  const leap = await counted(page, "leap", 10);
  assert.ok(leap.made < 100, `a leap makes ${leap.made} elements; rows are used again`);
  assert.ok(Math.max(key.most, leap.most) <= MOST_ELEMENTS, `${leap.most} elements`);
  assert.deepEqual(page.faults, []);
});

test("100,000 spans are as quick to move in as 1,000", async (t) => {
  const [few, many] = [await tree(t, 1000), await tree(t, 100_000)];
  const { most } = await counted(many, "leap", 5);
  assert.ok(most <= MOST_ELEMENTS, `${most} elements`);
  // Of the page's own thread, since a frame of a busy machine is late also when idle. To look at each span takes 20 times as long.
  for (const [action, times] of [["key", 5], ["leap", 5], ["shut", 12]]) {
    const spent = { few: [], many: [] };
    for (let turn = 0; turn < 3; turn += 1) {
      await few.evaluate("window.actions.open()");
      await many.evaluate("window.actions.open()");
      spent.few.push((await worked(few, action, 3)).all);
      spent.many.push((await worked(many, action, 3)).all);
    }
    const [base, all] = [Math.min(...spent.few), Math.min(...spent.many)];
    assert.ok(all < times * Math.max(base, 5), `${action}: ${all} ms, of 1,000 spans ${base} ms`);
  }
  assert.deepEqual(many.faults, []);
});

test("server keeps no memory of what it has answered", async (t) => {
  const dir = folder(t);
  large(dir, 1, 10_000);
  const { address, pid } = await view(t, dir);
  const read = async () => (await fetch(`${address}api/s/${traceId(1)}`)).text();
  for (let number = 0; number < 3; number += 1) await read();
  const before = resident(pid);
  for (let number = 0; number < 10; number += 1) await read();
  const grown = resident(pid) - before;
  assert.ok(grown < 8, `${grown} MiB more after ten times`);
});

test("names of 100,000 spans are searched as a list of texts", async (t) => {
  const dir = folder(t);
  large(dir, 1, 100_000, 1);
  const { address } = await view(t, dir);
  const session = new Session(await (await fetch(`${address}api/s/${traceId(1)}`)).json());
  const timed = (act) => {
    const times = [];
    for (let number = 0; number < 5; number += 1) {
      const begun = performance.now();
      act();
      times.push(performance.now() - begun);
    }
    return Math.min(...times);
  };
  let sum = 0;
  const loop = timed(() => {
    for (let node = 0; node < session.length; node += 1) sum += session.columns.strings[session.columns.title[node]].toLowerCase().includes("tool 1") ? 1 : 0;
  });
  const found = timed(() => find(session, "tool 1"));
  assert.ok(found < 4 * loop, `${found} ms; to look at the text of each takes ${loop} ms`);
  assert.equal(find(session, "tool 1").length, sum / 5);
  assert.equal(rows(session, new TreeState()).length > 2000, true);
});
