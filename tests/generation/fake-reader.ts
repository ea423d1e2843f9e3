import type { AppendingReader } from '../../src/generation/cached-reader.ts';

/** A reader without a model: logits are a function of what is in the row, as it is in the real cache. */
export function fakeReader(rows: number, logitsAfter: (tokens: number[]) => Float32Array) {
  const cache = Array.from({ length: rows }, (): number[] => []);
  const calls = { prompt: 0, append: 0, tokens: 0 };
  const put = (row: number, start: number, ids: number[]): Float32Array => {
    ids.forEach((id, i) => (cache[row]![start + i] = id));
    return logitsAfter(cache[row]!.slice(0, start + ids.length));
  };
  const reader: AppendingReader = {
    rows,
    prompt: async (ids, into) => (calls.prompt++, into.map((row) => put(row, 0, ids))[0]!),
    append: async (ids, row, start) => (calls.append++, put(row, start, ids)),
    tokens: async (ids, positions) => (calls.tokens++, [...ids].map((id, row) => put(row, positions[row]!, [id]))),
  };
  return { reader, calls };
}
