import { jsonNumbers } from '../numbers/json-number.ts';

/** Data for the script of a page, which finds them by this id. */
export const dataElement = (id: string, data: unknown): string => `${dataStart(id)}${jsonText(data)}</script>`;

/** A script inside the page. */
export const scriptElement = (script: string): string =>
  `<script>${script.replaceAll('</script', '<\\/script')}</script>`;

/** Whether a text is a page of ours with data of this id. */
export const isPageWith = (id: string, text: string): boolean =>
  text.startsWith('<!doctype html>') && text.includes(dataStart(id));

// ---------------------------------------------------------------------------

const dataStart = (id: string): string => `<script type="application/json" id="${id}">`;

/** JSON that cannot close the script element around it. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, jsonNumbers);
  return text.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
