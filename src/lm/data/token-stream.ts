/** Token ids that can be read from any position. */
export interface TokenStream {
  tokens: number;
  /** position of the first token of each document, ascending from 0; left out: the stream is one document */
  starts?: ArrayLike<number>;
  read(start: number, length: number): ArrayLike<number>;
  /** 1 where a token counts in the loss, 0 where it is only read; left out: all count */
  lossMask?(start: number, length: number): ArrayLike<number>;
}

/** `length` ids from `start`; the stream is a ring, so after its end comes its beginning, as often as needed. */
export function readRound(stream: TokenStream, start: number, length: number): Int32Array {
  return goRound(stream, start, new Int32Array(length), stream.read);
}

/** The loss mask of those tokens. */
export function lossMaskRound(stream: TokenStream, start: number, length: number): Float32Array {
  const all = new Float32Array(length);
  return stream.lossMask ? goRound(stream, start, all, stream.lossMask) : all.fill(1);
}

function goRound<A extends Int32Array | Float32Array>(
  { tokens }: TokenStream,
  start: number,
  into: A,
  read: (start: number, length: number) => ArrayLike<number>,
): A {
  for (let done = 0, at = start; done < into.length; at = 0) {
    const count = Math.min(into.length - done, tokens - at);
    into.set(read(at, count), done);
    done += count;
  }
  return into;
}
