/**
 * Elements without a compiler: `htm` on Preact.
 * @module
 */

import htm from "htm";
import { h } from "preact";

/** @typedef {import("preact").ComponentChildren} Children */

export const html = htm.bind(h);
