import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens-index.ts';
import type { Survey } from './split.ts';
import type { EncodedBlock } from './encode-block.ts';

interface Head {
  survey: Survey;
  speakers: string[];
  splits: Record<SplitName, { ids: number; lengths: number; bytes: number; lines: number }>;
}

/** An encoded block as it lies in a part: four bytes that say how long its head is, the head as JSON, and of each split ids, labels, lengths and lines. */
export function bytesOfBlock({ survey, speakers, splits, lines }: EncodedBlock): Uint8Array[] {
  const sizes = bySplit((name) => ({ ids: splits[name].ids.length, lengths: splits[name].lengths.length, bytes: splits[name].bytes, lines: lines[name].length }));
  const head = Buffer.from(JSON.stringify({ survey, speakers, splits: sizes } satisfies Head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return [length, head, ...SPLIT_NAMES.flatMap((name) => [splits[name].ids, splits[name].labels, Uint32Array.from(splits[name].lengths), lines[name]].map(bytesOf))];
}

/** Of whole bytes: a part's sum has been checked. */
export function blockOfBytes(bytes: Buffer): EncodedBlock {
  let at = 4 + bytes.readUInt32LE(0);
  const { survey, speakers, splits } = JSON.parse(bytes.toString('utf8', 4, at)) as Head;
  /** a copy of its own, for labels are changed in place */
  const next = (byteLength: number): ArrayBuffer => {
    const copy = new Uint8Array(bytes.subarray(at, (at += byteLength)));
    return copy.buffer;
  };
  const read = bySplit((name) => {
    const { ids, lengths, bytes: textBytes, lines } = splits[name];
    const documents = { ids: new Uint16Array(next(ids * 2)), labels: new Uint16Array(next(ids * 2)), lengths: new Uint32Array(next(lengths * 4)), bytes: textBytes };
    return { documents, lines: new Float64Array(next(lines * 8)) };
  });
  return { survey, speakers, splits: bySplit((name) => read[name].documents), lines: bySplit((name) => read[name].lines) };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

function bySplit<T>(of: (name: SplitName) => T): Record<SplitName, T> {
  return Object.fromEntries(SPLIT_NAMES.map((name) => [name, of(name)])) as Record<SplitName, T>;
}
