import type { Redacted } from './shape-params.ts';

/**
 * What tells strangers who somebody is, by patterns. They err on the side of hiding: a phone is seven digits and more
 * with the marks people put between them; times and dates have fewer or other marks.
 */
export function redact(text: string, what: readonly Redacted[]): string {
  let redacted = text;
  if (what.includes('queries')) redacted = redacted.replace(LINK, (link) => link.replace(/[?#].*$/su, ''));
  if (what.includes('emails')) redacted = redacted.replace(EMAIL, '[email]');
  if (what.includes('phones'))
    redacted = outsideLinks(redacted, (part) => part.replace(PHONE, (phone) => (isPhone(phone) ? '[phone]' : phone)));
  if (what.includes('numbers'))
    redacted = outsideLinks(redacted, (part) =>
      part.replace(/(?<![\p{L}\p{N}])\p{Nd}{6,}(?![\p{L}\p{N}])/gu, '[number]'),
    );
  return redacted;
}

export const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"]+/giu;

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const PHONE = /(?<![\p{L}\p{N}.:/-])(?:\+|00)?\(?\d[\d ()./-]{5,}\d(?![\p{L}\p{N}]|[:.]\d)/gu;

function isPhone(found: string): boolean {
  const digits = found.replace(/\D/g, '').length;
  const isDate = /^\d{4}-\d{1,2}-\d{1,2}$|^\d{4}-\d{4}$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(found);
  return digits >= 7 && digits <= 15 && !isDate && (/^[+0(]/.test(found) || /[ ()./-]/.test(found) || digits >= 9);
}

function outsideLinks(text: string, change: (part: string) => string): string {
  let changed = '';
  let at = 0;
  for (const { index, 0: link } of text.matchAll(LINK)) {
    changed += change(text.slice(at, index)) + link;
    at = index + link.length;
  }
  return changed + change(text.slice(at));
}
