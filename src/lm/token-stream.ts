/** Token ids that can be read from anywhere. */
export interface TokenStream {
  tokens: number;
  read(start: number, length: number): ArrayLike<number>;
}

/** As many ids from `start`, going on at the beginning where the stream ends. `length` is at most the stream's. */
export function readRound(stream: TokenStream, start: number, length: number): Int32Array {
  const ids = new Int32Array(length);
  const first = Math.min(length, stream.tokens - start);
  ids.set(stream.read(start, first));
  if (first < length) ids.set(stream.read(0, length - first), first);
  return ids;
}
