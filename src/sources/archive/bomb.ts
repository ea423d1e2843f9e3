/**
 * Whether content is so much larger than its packed form that only an attack packs it. Real exports compress 20-fold,
 * the most repetitive JSON 100-fold. Smaller contents are harmless at any ratio.
 */
export const isBomb = (bytes: number, packedBytes: number): boolean =>
  bytes > HARMLESS_BYTES && bytes > packedBytes * HIGHEST_RATIO;

/** Why it is not read. */
export const BOMB = 'refused: it unpacks to hundreds of times its size, as a decompression bomb does';

const HIGHEST_RATIO = 200;
const HARMLESS_BYTES = 256 * 2 ** 20;
