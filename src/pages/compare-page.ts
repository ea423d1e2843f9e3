import { jsonNumbers } from '../numbers/json-number.ts';
import type { Comparison } from './comparison.ts';
import { compareStyle } from './compare-style.ts';
import { page } from './page.ts';

/** Two or more runs side by side, with their curves; `script` draws them. */
export function comparePage(comparison: Comparison, script: string): string {
  return page({
    title: `${comparison.title}: ${comparison.runs.length} runs compared`,
    style: compareStyle,
    allowed: "; script-src 'unsafe-inline'; img-src data:",
    body: `<noscript>The curves are drawn by a script inside this file; allow it to run.</noscript>
<div id="page"></div>
<script type="application/json" id="comparison">${jsonText(comparison)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>`,
  });
}

// ---------------------------------------------------------------------------

/** JSON that cannot end the element it stands in. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, jsonNumbers);
  return text.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
