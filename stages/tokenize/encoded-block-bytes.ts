import { SPLIT_NAMES, bySplit, type SplitName } from '../../src/artifacts/tokens/index.ts';
import type { Survey } from './split.ts';
import type { EncodedBlock } from './encode-block.ts';

/** Of the bytes below; it stands in a part's name. */
export const LAYOUT = 'encoded-block/3';

interface Head {
  survey: Survey;
  speakers: string[];
  classes: number[];
  splits: Record<SplitName, { ids: number; lengths: number; bytes: number; lines: number }>;
}

/**
 * An encoded block as it lies in a part: four bytes that say how long its head is, the head as JSON and blanks up to a
 * multiple of eight bytes; then of all splits the lines, the lengths, the ids, the labels: so that each begins where
 * its numbers may be read in place.
 */
export function bytesOfBlock({ survey, speakers, classes, splits, lines }: EncodedBlock): Uint8Array[] {
  const sizes = bySplit((name) => ({
    ids: splits[name].ids.length,
    lengths: splits[name].lengths.length,
    bytes: splits[name].bytes,
    lines: lines[name].length,
  }));
  const json = Buffer.from(JSON.stringify({ survey, speakers, classes, splits: sizes } satisfies Head));
  const head = Buffer.alloc(4 + json.length + ((4 - json.length) & 7), ' ');
  head.writeUInt32LE(head.length - 4);
  json.copy(head, 4);
  const of = (array: (name: SplitName) => ArrayBufferView): Uint8Array[] =>
    SPLIT_NAMES.map((name) => bytesOfView(array(name)));
  return [
    head,
    ...of((name) => lines[name]),
    ...of((name) => Uint32Array.from(splits[name].lengths)),
    ...of((name) => splits[name].ids),
    ...of((name) => splits[name].labels),
  ];
}

/** Of whole bytes: a part's sum has been checked. The block's numbers are these bytes. */
export function blockOfBytes({ buffer, byteOffset, length }: Buffer): EncodedBlock {
  const bytes = Buffer.from(buffer, byteOffset, length);
  let at = 4 + bytes.readUInt32LE(0);
  const { survey, speakers, classes, splits } = JSON.parse(bytes.toString('utf8', 4, at)) as Head;
  const next = (byteLength: number): [ArrayBuffer, number] => [
    buffer as ArrayBuffer,
    byteOffset + (at += byteLength) - byteLength,
  ];
  const lines = bySplit((name) => new Float64Array(...next(splits[name].lines * 8), splits[name].lines));
  const lengths = bySplit((name) => new Uint32Array(...next(splits[name].lengths * 4), splits[name].lengths));
  const ids = bySplit((name) => new Uint16Array(...next(splits[name].ids * 2), splits[name].ids));
  const labels = bySplit((name) => new Uint16Array(...next(splits[name].ids * 2), splits[name].ids));
  return {
    survey,
    speakers,
    classes,
    splits: bySplit((name) => ({
      ids: ids[name],
      labels: labels[name],
      lengths: lengths[name],
      bytes: splits[name].bytes,
    })),
    lines,
  };
}

const bytesOfView = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
