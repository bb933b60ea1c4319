/**
 * Time on the screen: what part of the session is in view, with idle gaps folded or not.
 * @module
 */

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{ from: number, to: number }} Range nanoseconds from the start of the session */

/** Shortest gap that is folded, as a share of the session. */
const SHORTEST_GAP = 0.05;
/** Width of a folded gap, as a share of the axis. */
const FOLDED_GAP = 0.015;

/**
 * Returns the gaps in which no span worked that has none below it, the longest of them only.
 * @param {Session} session
 * @returns {Range[]}
 */
export function idleGaps(session) {
  const { size, begin, took } = session.columns;
  const leaves = [];
  for (let node = 0; node < session.length; node += 1) {
    if (size[node] === 1 && !session.isOpen(node)) leaves.push(node);
  }
  leaves.sort((one, other) => begin[one] - begin[other]);
  const { from, to } = session.span;
  const shortest = (to - from) * SHORTEST_GAP;
  const gaps = [];
  let busyUntil = from;
  for (const node of leaves) {
    if (begin[node] - busyUntil >= shortest) gaps.push({ from: busyUntil, to: begin[node] });
    busyUntil = Math.max(busyUntil, begin[node] + took[node]);
  }
  if (to - busyUntil >= shortest) gaps.push({ from: busyUntil, to });
  return gaps;
}

export class TimeAxis {
  /**
   * @param {Range} range
   * @param {Range[]} [gaps] which are folded
   */
  constructor(range, gaps = []) {
    this.range = range;
    this.gaps = gaps.filter((gap) => gap.from < range.to && gap.to > range.from);
    this.segments = segments(range, this.gaps);
  }

  /**
   * Returns the place of a moment, from 0 at the left to 1 at the right.
   * @param {number} time
   */
  place(time) {
    const { from, to } = this.range;
    if (time <= from) return 0;
    if (time >= to) return 1;
    const segment = this.segments.find((segment) => time < segment.to) ?? this.segments[this.segments.length - 1];
    const share = (time - segment.from) / (segment.to - segment.from || 1);
    return segment.left + share * (segment.right - segment.left);
  }

  /**
   * Returns the moment at a place.
   * @param {number} place
   */
  time(place) {
    const last = this.segments[this.segments.length - 1];
    const segment = this.segments.find((segment) => place < segment.right) ?? last;
    const share = (place - segment.left) / (segment.right - segment.left || 1);
    return segment.from + share * (segment.to - segment.from);
  }

  /**
   * Returns moments of round distances, which are labelled.
   * @param {number} most how many there may be
   */
  ticks(most) {
    const { from, to } = this.range;
    const rough = (to - from) / most;
    const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? power * 10;
    const ticks = [];
    for (let tick = Math.ceil(from / step) * step; tick <= to && ticks.length < 12; tick += step) {
      const isInGap = this.gaps.some((gap) => tick > gap.from && tick < gap.to);
      if (!isInGap) ticks.push(tick);
    }
    return ticks;
  }
}

/**
 * @param {Range} range
 * @param {Range[]} gaps
 */
function segments(range, gaps) {
  const parts = [];
  let from = range.from;
  for (const gap of gaps) {
    const start = Math.max(gap.from, range.from);
    const end = Math.min(gap.to, range.to);
    if (start > from) parts.push({ from, to: start, isGap: false });
    parts.push({ from: start, to: end, isGap: true });
    from = end;
  }
  if (from < range.to) parts.push({ from, to: range.to, isGap: false });
  if (parts.length === 0) parts.push({ ...range, isGap: false });
  const busy = parts.reduce((sum, part) => sum + (part.isGap ? 0 : part.to - part.from), 0);
  const folded = parts.filter((part) => part.isGap).length * FOLDED_GAP;
  // Where all of the view is one gap, it is drawn as it is.
  const room = busy > 0 ? 1 - folded : 1;
  let left = 0;
  return parts.map((part) => {
    const width = part.isGap && busy > 0 ? FOLDED_GAP : (room * (part.to - part.from)) / (busy || part.to - part.from || 1);
    const segment = { ...part, left, right: left + width };
    left = segment.right;
    return segment;
  });
}
