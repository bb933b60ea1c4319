/**
 * Ways to measure the page. Times of a frame say little on a busy machine, so they stand beside those of an idle frame, which take
 * turns with them; what the page makes and touches is counted.
 */

import { readFileSync } from "node:fs";
import { eventually } from "./page.js";

export const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
export const at = (values, share) => [...values].sort((one, other) => one - other)[Math.floor(values.length * share)];

/** Resident set of a process, in MiB. */
export function resident(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Seconds that a process has computed. */
export function computed(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Prepares a page with a tree for what follows. */
export async function ready(page) {
  await page.locator("[role=row]").first().waitFor();
  await page.evaluate(() => {
    window.frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    window.actions = {
      idle: () => {},
      key: () => document.querySelector("[role=treegrid]").dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true })),
      leap: () => {
        const grid = document.querySelector("[role=treegrid]");
        grid.scrollTop = (grid.scrollTop + 13_000) % Math.max(grid.scrollHeight - grid.clientHeight, 1);
      },
      shut: () => press("Shut all"),
      open: () => press("Open all"),
    };
    const press = (label) => [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === label).click();
  });
  await eventually(async () => {
    // What is asked for after the first paint has come: nothing is drawn any more.
    const changes = await page.evaluate(async () => {
      let changes = 0;
      const observer = new MutationObserver((seen) => (changes += seen.length));
      observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      for (let frame = 0; frame < 20; frame += 1) await window.frame();
      observer.disconnect();
      return changes;
    });
    if (changes > 0) throw new Error("the page still draws");
  });
}

/**
 * Milliseconds of frames in which nothing is done, and of those with an action, in turn. `before` undoes it each time.
 */
export function frames(page, action, turns, before = "idle") {
  return page.evaluate(async ([action, turns, before]) => {
    const timed = async (act) => {
      await window.frame();
      const begun = performance.now();
      window.actions[act]();
      await window.frame();
      return performance.now() - begun;
    };
    const times = { idle: [], acted: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      times.idle.push(await timed("idle"));
      window.actions[before]();
      for (let settled = 0; settled < 3; settled += 1) await window.frame();
      times.acted.push(await timed(action));
    }
    return times;
  }, [action, turns, before]);
}

/**
 * Counts what some actions do to the tree, one a frame: elements that are made, rows that are touched, and the most elements.
 */
export function counted(page, action, turns) {
  return page.evaluate(async ([action, turns]) => {
    const grid = document.querySelector("[role=treegrid]");
    const counts = { made: 0, rows: 0, most: 0 };
    const elements = (node) => (node.nodeType === 1 ? 1 + node.querySelectorAll("*").length : 0);
    for (let turn = 0; turn < turns; turn += 1) {
      const rows = new Set();
      const observer = new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          for (const node of addedNodes) counts.made += elements(node);
          const row = (target.nodeType === 1 ? target : target.parentElement)?.closest("[role=row]");
          if (row) rows.add(row);
        }
      });
      observer.observe(grid, { subtree: true, childList: true, attributes: true, characterData: true });
      window.actions[action]();
      await window.frame();
      await window.frame();
      observer.disconnect();
      counts.rows += rows.size;
      counts.most = Math.max(counts.most, grid.querySelectorAll("*").length);
    }
    return { made: counts.made / turns, rows: counts.rows / turns, most: counts.most };
  }, [action, turns]);
}

/** Milliseconds of the page's thread for an action: scripts, styles, layout and all, without what other programs do meanwhile. */
export async function worked(page, action, turns) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await session.send("Performance.enable");
  const read = async () => Object.fromEntries((await session.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
  const before = await read();
  await page.evaluate(async ([action, turns]) => {
    for (let turn = 0; turn < turns; turn += 1) {
      window.actions[action]();
      await window.frame();
    }
  }, [action, turns]);
  const after = await read();
  await session.detach();
  const of = (name) => ((after[name] - before[name]) * 1000) / turns;
  return { script: of("ScriptDuration"), style: of("RecalcStyleDuration"), layout: of("LayoutDuration"), all: of("TaskDuration") };
}
