/** What the page costs, as far as it repeats on a busy machine: counts, bytes, and times beside those of a small tree. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { find } from "../src/model/find.js";
import { Session } from "../src/model/session.js";
import { large, root, spanId, traceId, writeSession } from "./fixture.js";
import { counted, ready, resident, worked } from "./measure.js";
import { closeBrowser, folder, open, view } from "./page.js";

after(closeBrowser);

/** Elements of the tree, however many spans there are. */
const MOST_ELEMENTS = 600;

test("page is three files of 230 kB at most, and asks for the list before anything else", async (t) => {
  const dir = folder(t);
  for (let number = 1; number <= 300; number += 1) writeSession(dir, number, [root("ask", 1000, { input: 100, cost: 0.001 })]);
  const { address } = await view(t, dir);
  const page = await open(t, "about:blank");
  const asked = [];
  page.on("request", (request) => asked.push(request.url().replace(address, "").replace(/\?.*/, "")));
  await page.goto(address);
  await page.locator(".sessions tbody tr").first().waitFor();
  assert.deepEqual(asked.filter((path) => !path.startsWith("data:")).slice(0, 4).sort(), ["", "api/sessions", "app.css", "app.js"]);
  const bytes = await Promise.all(["", "app.js", "app.css"].map(async (path) => (await (await fetch(address + path)).arrayBuffer()).byteLength));
  const sum = bytes.reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(sum < 230_000, `${sum} bytes`);
});

/**
 * A session that has what stands below its root so many times, as the server would send it.
 */
function multiplied(session, times) {
  const columns = Object.entries(session).filter(([, column]) => Array.isArray(column) && column.length === session.nodes);
  const repeated = columns.map(([name, [first, ...rest]]) => [name, [first, ...Array.from({ length: times }, () => rest).flat()]]);
  const nodes = 1 + (session.nodes - 1) * times;
  const many = { ...session, ...Object.fromEntries(repeated), nodes };
  many.size[0] = nodes;
  many.id16 = Array.from({ length: nodes }, (_, node) => spanId(node + 1)).join("");
  return many;
}

/** A server with a session of so many leaves, and that session. */
async function served(t, leaves) {
  const dir = folder(t);
  large(dir, 1, leaves);
  const server = await view(t, dir);
  const session = await (await fetch(`${server.address}api/s/${traceId(1)}`)).json();
  return { ...server, session };
}

/** A page with the tree of a session, in which each span has the content of the first. */
async function tree(t, address, session) {
  const page = await open(t, address);
  const first = await (await fetch(`${address}api/s/${traceId(1)}/${spanId(1)}`)).json();
  await page.route(/\/api\/s\/[0-9a-f]{32}(\?.*)?$/, (route) => route.fulfill({ json: session }));
  await page.route(/\/api\/s\/[0-9a-f]{32}\/[0-9a-f]{16}$/, (route) => route.fulfill({ json: first }));
  await page.goto(`${address}#/s/${traceId(1)}`);
  await ready(page);
  return page;
}

test("rows of 10,000 spans are drawn in few elements, which stay", async (t) => {
  const { address, session } = await served(t, 1000);
  const page = await tree(t, address, multiplied(session, 10));
  const key = await counted(page, "key", 10);
  assert.deepEqual({ made: key.made, rows: key.rows }, { made: 0, rows: 2 }, "a key press touches the row that is left and the one that is reached");
  const leap = await counted(page, "leap", 10);
  assert.ok(leap.made < 100, `a leap makes ${leap.made} elements; rows are used again`);
  assert.ok(Math.max(key.most, leap.most) <= MOST_ELEMENTS, `${leap.most} elements`);
  assert.deepEqual(page.faults, []);
});

test("100,000 spans are as quick to move in as 1,000", async (t) => {
  const { address, session } = await served(t, 1000);
  const [few, many] = [await tree(t, address, session), await tree(t, address, multiplied(session, 100))];
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
  const { address, pid } = await served(t, 3000);
  const read = async () => (await fetch(`${address}api/s/${traceId(1)}`)).text();
  for (let number = 0; number < 3; number += 1) await read();
  const before = resident(pid);
  for (let number = 0; number < 20; number += 1) await read();
  const grown = resident(pid) - before;
  assert.ok(grown < 5, `${grown} MiB more after twenty times`);
});

test("names of 100,000 spans are searched as a list of texts", async (t) => {
  const { session: few } = await served(t, 1000);
  const session = new Session(multiplied(few, 100));
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
});
