import { SPLIT_NAMES, bySplit, type SplitName } from '../../src/artifacts/tokens/index.ts';
import type { Survey } from './split.ts';
import type { EncodedBlock } from './encode-block.ts';

/** Version of the byte layout below. It is part of the parts' names. */
export const LAYOUT = 'encoded-block/4';

interface Head {
  survey: Survey;
  speakers: string[];
  classes: number[];
  splits: Record<SplitName, { ids: number; lengths: number; bytes: number; lines: number; conversations: number }>;
}

/**
 * Serializes an encoded block for a part. Four bytes give the length of the head, which is JSON padded with spaces to a
 * multiple of eight bytes. Then follow the lines, conversations, lengths, ids and labels, each for all splits. In this
 * order all arrays are aligned, so they can be read in place.
 */
export function serializeBlock({
  survey,
  speakers,
  classes,
  splits,
  lines,
  conversations,
}: EncodedBlock): Uint8Array[] {
  const sizes = bySplit((name) => ({
    ids: splits[name].ids.length,
    lengths: splits[name].lengths.length,
    bytes: splits[name].bytes,
    lines: lines[name].length,
    conversations: conversations[name].length,
  }));
  const json = Buffer.from(JSON.stringify({ survey, speakers, classes, splits: sizes } satisfies Head));
  const head = Buffer.alloc(4 + json.length + ((4 - json.length) & 7), ' ');
  head.writeUInt32LE(head.length - 4);
  json.copy(head, 4);
  const arrays = (arrayOf: (name: SplitName) => ArrayBufferView): Uint8Array[] =>
    SPLIT_NAMES.map((name) => viewBytes(arrayOf(name)));
  return [
    head,
    ...arrays((name) => lines[name]),
    ...arrays((name) => conversations[name]),
    ...arrays((name) => Uint32Array.from(splits[name].lengths)),
    ...arrays((name) => splits[name].ids),
    ...arrays((name) => splits[name].labels),
  ];
}

/** Parses a serialized block whose checksum has been verified. The arrays are views of the given bytes. */
export function parseBlock({ buffer, byteOffset, length }: Buffer): EncodedBlock {
  const bytes = Buffer.from(buffer, byteOffset, length);
  let offset = 4 + bytes.readUInt32LE(0);
  const { survey, speakers, classes, splits } = JSON.parse(bytes.toString('utf8', 4, offset)) as Head;
  const next = (byteLength: number): [ArrayBuffer, number] => [
    buffer as ArrayBuffer,
    byteOffset + (offset += byteLength) - byteLength,
  ];
  const lines = bySplit((name) => new Float64Array(...next(splits[name].lines * 8), splits[name].lines));
  const conversations = bySplit(
    (name) => new Float64Array(...next(splits[name].conversations * 8), splits[name].conversations),
  );
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
    conversations,
  };
}

const viewBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
