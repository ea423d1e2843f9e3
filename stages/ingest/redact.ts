import type { Redacted } from './shape-params.ts';

/**
 * Hides what could identify somebody, by patterns that err on the side of hiding. A phone number is 7 to 15 digits with
 * the separators people put between them; times and dates are recognized by their shape and stay.
 */
export function redact(text: string, kinds: readonly Redacted[]): string {
  let redacted = text;
  if (kinds.includes('queries')) redacted = redacted.replace(LINK, (link) => link.replace(/[?#].*$/su, ''));
  if (kinds.includes('emails')) redacted = redacted.replace(EMAIL, '[email]');
  if (kinds.includes('phones'))
    redacted = outsideLinks(redacted, (part) => part.replace(PHONE, (phone) => (isPhone(phone) ? '[phone]' : phone)));
  if (kinds.includes('numbers'))
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
  let end = 0;
  for (const { index, 0: link } of text.matchAll(LINK)) {
    changed += change(text.slice(end, index)) + link;
    end = index + link.length;
  }
  return changed + change(text.slice(end));
}
