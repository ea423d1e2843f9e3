import kernelBytes from './kernel/plain-words.wasm';

/** Encodes the words that nearly all text is made of, until it comes to another one; see `kernel/plain-words.ts`. */
export interface PlainWords {
  /** A window of text, and then the ids that it is encoded to. */
  text: Uint8Array;
  ids: Uint16Array;
  /**
   * Of the first `end` bytes of `text`, from `word` on: the ids go into `ids` from place `at` on. Stops at a word that
   * is not plain and returns where that one begins. `isWhole`: the text ends there; else words that begin in the last
   * bytes, `MARGIN_BYTES`, may be left.
   */
  encode(word: number, end: number, isWhole: boolean, at: number): number;
  /** Where `encode` has stopped: the place after the last id. */
  idsEnd(): number;
}

export const WINDOW_BYTES = 1 << 16;
export const MARGIN_BYTES = 16;

interface Kernel {
  memory: WebAssembly.Memory;
  encode(word: number, limit: number, end: number, out: number): number;
  setByteId(byte: number, id: number): void;
  addPair(left: number, right: number, joined: number): void;
  endPairs(): void;
}

/** `byteIds` and `merges` as `createPairMerger` takes them. */
export function openPlainWords(byteIds: Int32Array, merges: Int32Array): PlainWords {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes)).exports as Kernel;
  byteIds.forEach((id, byte) => kernel.setByteId(byte, id));
  for (let i = 0; i < merges.length; i += 3) kernel.addPair(merges[i]!, merges[i + 1]!, merges[i + 2]!);
  kernel.endPairs();
  const { buffer } = kernel.memory;
  const idsEnd = new Uint32Array(buffer, IDS_END, 1);
  return {
    text: new Uint8Array(buffer, TEXT, WINDOW_BYTES),
    ids: new Uint16Array(buffer, IDS, WINDOW_BYTES),
    encode: (word, end, isWhole, at) =>
      kernel.encode(TEXT + word, TEXT + (isWhole ? end : end - MARGIN_BYTES), TEXT + end, IDS + 2 * at) - TEXT,
    idsEnd: () => (idsEnd[0]! - IDS) / 2,
  };
}

/** As the kernel has them. */
const IDS_END = 16;
const TEXT = 1024;
const IDS = TEXT + WINDOW_BYTES + 64;
