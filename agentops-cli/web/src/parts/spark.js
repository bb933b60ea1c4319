/**
 * Small charts without axes: columns and lines.
 * @module
 */

import { html } from "../html.js";

/**
 * Columns of one height each; the title of each says its number.
 * @param {{ values: (number | null)[], titles: string[], label: string }} props
 */
export function Columns({ values, titles, label }) {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const width = 100 / Math.max(values.length, 1);
  return html`<svg class="columns" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.map((value, index) => {
      const height = value ? Math.max((30 * value) / most, 1.5) : 0.5;
      return html`<rect x=${index * width + width * 0.1} y=${32 - height} width=${width * 0.8} height=${height} class=${value ? "" : "none"}>
        <title>${titles[index]}</title>
      </rect>`;
    })}
  </svg>`;
}

/**
 * An area over equal parts of an axis.
 * @param {{ values: ArrayLike<number>, label: string }} props
 */
export function Area({ values, label }) {
  const most = Math.max(1, ...Array.from(values));
  const points = Array.from(values, (value, index) => `L${index} ${(20 - (19 * value) / most).toFixed(1)}h1`);
  return html`<svg class="area" viewBox="0 0 ${values.length} 20" preserveAspectRatio="none" role="img" aria-label=${label}>
    <path d="M0 20${points.join("")}V20Z" />
  </svg>`;
}
