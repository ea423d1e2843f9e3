import kernelBytes from './kernel/plain-words.wasm';

/** Encodes common words, of which nearly all text consists, and stops at any other; see `kernel/plain-words.ts`. */
export interface PlainWords {
  /** A window of text, and the ids it is encoded to. */
  text: Uint8Array;
  /** Length of a window. */
  windowBytes: number;
  marginBytes: number;
  ids: Uint16Array;
  /**
   * Encodes `text` from `word` to `end` and writes the ids to `ids`, starting at `index`. Stops at a word that is not
   * plain and returns where it begins. `isWhole` means that the text ends at `end`; otherwise, words that begin in the
   * last `marginBytes` may be left.
   */
  encode(word: number, end: number, isWhole: boolean, index: number): number;
  /** The index after the last id that `encode` wrote. */
  idsEnd(): number;
}

interface Kernel {
  memory: WebAssembly.Memory;
  /** addresses in the memory */
  TEXT: WebAssembly.Global;
  IDS: WebAssembly.Global;
  IDS_END: WebAssembly.Global;
  WINDOW_BYTES: WebAssembly.Global;
  MARGIN_BYTES: WebAssembly.Global;
  encode(word: number, limit: number, end: number, out: number): number;
  setByteId(byte: number, id: number): void;
  addPair(left: number, right: number, joined: number): void;
  endPairs(): void;
}

/** `byteIds` and `merges` are those of `createPairMerger`, `exports` those of the compiled kernel. */
export function openPlainWords(byteIds: Int32Array, merges: Int32Array, exports = newKernel()): PlainWords {
  const kernel = exports as Kernel;
  byteIds.forEach((id, byte) => kernel.setByteId(byte, id));
  for (let i = 0; i < merges.length; i += 3) kernel.addPair(merges[i]!, merges[i + 1]!, merges[i + 2]!);
  kernel.endPairs();
  const { buffer } = kernel.memory;
  const textStart = kernel.TEXT.value;
  const idsStart = kernel.IDS.value;
  const windowBytes = kernel.WINDOW_BYTES.value;
  const marginBytes = kernel.MARGIN_BYTES.value;
  const idsEnd = new Uint32Array(buffer, kernel.IDS_END.value, 1);
  return {
    text: new Uint8Array(buffer, textStart, windowBytes),
    windowBytes,
    marginBytes,
    ids: new Uint16Array(buffer, idsStart, windowBytes),
    encode(word, end, isWhole, index) {
      const limit = isWhole ? end : end - marginBytes;
      return kernel.encode(textStart + word, textStart + limit, textStart + end, idsStart + 2 * index) - textStart;
    },
    idsEnd: () => (idsEnd[0]! - idsStart) / 2,
  };
}

function newKernel(): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(kernelBytes)).exports;
}
