// Stands for the packages where the sources import them: their minified part is at the head of the bundle.
export const { h, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, diffArrays } = thirdParty;
export default thirdParty.htm;
