/** Token ids that can be read from any position. */
export interface TokenStream {
  tokens: number;
  /** position of the first token of each document, ascending from 0; without it, the stream is one document */
  starts?: ArrayLike<number>;
  read(start: number, length: number): ArrayLike<number>;
  /** 1 if a token counts in the loss, 0 if it is only context; without it, all tokens count */
  lossMask?(start: number, length: number): ArrayLike<number>;
}

/** `length` ids from `start`. The stream is a ring: reading continues at its beginning, as often as needed. */
export function readRound(stream: TokenStream, start: number, length: number): Int32Array {
  return readRing(stream, start, new Int32Array(length), stream.read);
}

/** The loss mask of the same tokens. */
export function lossMaskRound(stream: TokenStream, start: number, length: number): Float32Array {
  const mask = new Float32Array(length);
  return stream.lossMask ? readRing(stream, start, mask, stream.lossMask) : mask.fill(1);
}

function readRing<A extends Int32Array | Float32Array>(
  { tokens }: TokenStream,
  start: number,
  into: A,
  read: (start: number, length: number) => ArrayLike<number>,
): A {
  for (let done = 0, position = start; done < into.length; position = 0) {
    const count = Math.min(into.length - done, tokens - position);
    into.set(read(position, count), done);
    done += count;
  }
  return into;
}
