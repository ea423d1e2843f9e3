import type { Comparison } from './comparison.ts';
import { compareStyle } from './compare-style.ts';
import { dataElement, isPageWith, scriptElement } from './page-data.ts';
import { page } from './page.ts';

/** The page that compares runs side by side; `script` draws their curves. */
export function comparePage(comparison: Comparison, script: string): string {
  return page({
    title: `${comparison.title}: ${comparison.runs.length} runs compared`,
    style: compareStyle,
    allowed: "; script-src 'unsafe-inline'; img-src data:",
    body: `<noscript>The curves are drawn by a script inside this file; allow it to run.</noscript>
<main id="page"></main>
${dataElement(DATA, comparison)}
${scriptElement(script)}`,
  });
}

/** Whether a text is such a page. */
export const isComparePage = (text: string): boolean => isPageWith(DATA, text);

// ---------------------------------------------------------------------------

const DATA = 'comparison';
