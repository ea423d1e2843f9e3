import { withCommas } from '../../../src/numbers/counted.ts';

export function count(number: number): string {
  return withCommas(number);
}
