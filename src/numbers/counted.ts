/** `51,200`: a number as English writes it, with at most three decimals. */
export const withCommas = (value: number): string => value.toLocaleString('en-US');

/** `1 file`, `51,200 files`; `many` where the plural is not the singular and an s. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${withCommas(value)} ${value === 1 ? one : many}`;
