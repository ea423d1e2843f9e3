import { jsonNumbers } from '../pipeline/json-number.ts';
import type { Comparison } from './comparison.ts';
import { compareStyle } from './compare-style.ts';

/**
 * One HTML file that holds everything it needs: style, script and data. It asks the network for nothing, and says so to
 * the browser.
 */
export function comparePage(comparison: Comparison, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${escaped(comparison.title)}: ${comparison.runs.length} runs compared</title>
<style>${compareStyle}</style>
</head>
<body>
<noscript>The curves are drawn by a script inside this file; allow it to run.</noscript>
<div id="page"></div>
<script type="application/json" id="comparison">${jsonText(comparison)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

// ---------------------------------------------------------------------------

/** JSON that cannot end the element it stands in. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, jsonNumbers);
  return text.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
