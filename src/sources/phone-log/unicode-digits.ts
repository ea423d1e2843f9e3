/** The number that decimal digits of any script spell, such as `٢٠١٩` or `২০১৯`. */
export function numberOf(digits: string): number {
  if (/^[0-9]+$/.test(digits)) return Number(digits);
  let number = 0;
  for (const digit of digits) number = number * 10 + valueOf(digit.codePointAt(0)!);
  return number;
}

const values = new Map<number, number>();

/** Unicode keeps the ten digits of a script together, in order, so those before a digit tell its value. */
function valueOf(digit: number): number {
  const known = values.get(digit);
  if (known !== undefined) return known;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(digit - before - 1))) before++;
  values.set(digit, before % 10);
  return before % 10;
}
