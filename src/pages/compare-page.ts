import { jsonNumbers } from '../numbers/json-number.ts';
import type { Comparison } from './comparison.ts';
import { compareStyle } from './compare-style.ts';
import { page } from './page.ts';

/** The page that compares runs side by side; `script` draws their curves. */
export function comparePage(comparison: Comparison, script: string): string {
  return page({
    title: `${comparison.title}: ${comparison.runs.length} runs compared`,
    style: compareStyle,
    allowed: "; script-src 'unsafe-inline'; img-src data:",
    body: `<noscript>The curves are drawn by a script inside this file; allow it to run.</noscript>
<div id="page"></div>
${DATA}${jsonText(comparison)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>`,
  });
}

/** Whether a text is such a page. */
export const isComparePage = (text: string): boolean => text.startsWith('<!doctype html>') && text.includes(DATA);

// ---------------------------------------------------------------------------

const DATA = '<script type="application/json" id="comparison">';

/** JSON that cannot close the script element around it. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, jsonNumbers);
  return text.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
