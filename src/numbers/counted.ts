/** `51,200`: a number in English notation, with at most three decimals. */
export const withCommas = (value: number): string => value.toLocaleString('en-US');

/** `1 file`, `51,200 files`. Pass `many` if the plural is not just the singular with an s. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${withCommas(value)} ${value === 1 ? one : many}`;
