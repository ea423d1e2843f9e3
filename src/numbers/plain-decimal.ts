/** Formats a number without an exponent, `0.00003` instead of `3e-5`, because charts compare params as text. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const [, sign, digits, exponent] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(text) ?? [];
  if (digits === undefined) return text;
  const shift = Number(exponent);
  const [whole = '', fraction = ''] = digits.split('.');
  return shift < 0
    ? `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
    : `${sign}${whole}${fraction.padEnd(shift, '0')}`;
}

/** Reformats a text that is a number as JavaScript writes it; returns any other text unchanged. */
export function plainDecimalText(text: string): string {
  return String(Number(text)) === text ? plainDecimal(Number(text)) : text;
}
