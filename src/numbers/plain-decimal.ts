/** A number without an exponent, `0.00003` instead of `3e-5`: charts compare params as text, and people sort by eye. */
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

/** The same for a text that is a number as JavaScript writes it; any other text stays as it is. */
export function plainDecimalText(text: string): string {
  return String(Number(text)) === text ? plainDecimal(Number(text)) : text;
}
