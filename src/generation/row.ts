import { ONE_PASS_FROM } from '../lm/generation/generate.ts';
import type { AppendingReader } from './cached-reader.ts';

/** One text in a cache: what has been read of it, and more of it as it is written. */
export interface Row {
  /** number of tokens that count as read */
  place(): number;
  /** the longest text that fits, in tokens */
  context: number;
  /** Reads tokens, at least one, that must fit; returns the logits after them, which are valid until the next call. */
  read(ids: number[]): Promise<Float32Array>;
  /** Forgets everything from this place on. Costs nothing: the cache ignores what is beyond the place. */
  setBack(place: number): void;
}

/** The only row of a reader. */
export function onlyRow(reader: AppendingReader, context: number): Row {
  let place = 0;
  return {
    context,
    place: () => place,
    async read(ids) {
      const start = place;
      place += ids.length;
      if (start === 0 && ids.length >= ONE_PASS_FROM) return reader.prompt(ids, [0]);
      if (ids.length > 1) return reader.append(ids, 0, start);
      return (await reader.tokens(Int32Array.from(ids), Int32Array.of(start)))[0]!;
    },
    setBack(to) {
      if (to > place) throw new RangeError(`cannot go back from ${place} to ${to}`);
      place = to;
    },
  };
}
