/**
 * What is done with the tree of a session: find, kinds, open and shut, the critical path, gaps, follow.
 * @module
 */

import { counted, duration, percent } from "../format.js";
import { html } from "../html.js";
import { KindMark, kindName } from "../parts/kind.js";
import { replaceOptions } from "../route.js";

/** @typedef {import("../model/session.js").Session} Session */
/** @typedef {import("../model/time_axis.js").Range} Range */

/**
 * @param {{ find: any, kinds: string[], hidden: Set<string>, isCritical: boolean, shutAll: () => void,
 *   openAll: () => void, gaps: Range[], isFolding: boolean, session: Session, isFollowing: boolean, setFollowing: (on: boolean) => void }} props
 */
export function SessionTools(props) {
  const { find, kinds, hidden, isCritical, shutAll, openAll, gaps, isFolding, session, isFollowing, setFollowing } = props;
  const idle = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const whole = session.span.to - session.span.from;
  const flip = (/** @type {string} */ kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    replaceOptions({ hide: [...next].join(",") || null });
  };
  return html`<div class="toolbar">
    ${find}
    <div class="kinds" role="group" aria-label="kinds that are shown">
      ${kinds.map((kind) => html`<button type="button" key=${kind} class="kind-toggle" aria-pressed=${!hidden.has(kind)} title=${`${kindName(kind)}s`} onClick=${() => flip(kind)}>
        <${KindMark} kind=${kind} /><span class="visually-hidden">${kindName(kind)}</span></button>`)}
    </div>
    <button type="button" class="quiet" onClick=${shutAll} title="⇧←">Shut all</button>
    <button type="button" class="quiet" onClick=${openAll}>Open all</button>
    <button type="button" class="quiet" aria-pressed=${isCritical} title="key c" onClick=${() => replaceOptions({ crit: isCritical ? null : "1" })}>Critical path</button>
    ${gaps.length > 0 && html`<button type="button" class="quiet" aria-pressed=${isFolding} onClick=${() => replaceOptions({ gaps: isFolding ? null : "fold" })}
      title=${`${duration(idle)} of ${duration(whole)} without work`}>Fold ${counted(gaps.length, "gap")} (${percent(idle, whole)} idle)</button>`}
    ${session.isRunning && html`<button type="button" class="quiet" aria-pressed=${isFollowing} title="key f" onClick=${() => setFollowing(!isFollowing)}>Follow</button>`}
  </div>`;
}
