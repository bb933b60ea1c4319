// What the page uses of others. `build` makes one minified part of it.
export { h, render } from "preact";
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { default as htm } from "htm";
export { diffArrays } from "diff";
