import { decodeBytes } from './text/encoding.ts';
import { lineLocation, readSourceBytes } from './source-bytes.ts';
import { notice, skip, type Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';
import { withCommas } from '../numbers/counted.ts';

export interface SourceLine {
  text: string;
  /** `file:line`, or the line alone if the source is this one file */
  place: string;
}

/** Nobody types a longer line. */
export const LONGEST_LINE_BYTES = 64 * 2 ** 20;

/**
 * The text lines of one file without their line ends (LF or CR LF), in bounded memory. Other lines are skipped and
 * recorded in the tally. NUL bytes, which a crash leaves in a log, are removed.
 */
export async function* readSourceLines(file: TreeFile, tally: Tally): AsyncGenerator<SourceLine> {
  let number = 0;
  for await (const lines of lineBytes(readSourceBytes(file, tally))) {
    for (const line of lines) {
      const place = lineLocation(file, ++number);
      const text =
        typeof line === 'number'
          ? {
              reason: `longer than ${LONGEST_LINE_BYTES / 2 ** 20} MiB: ${withCommas(Math.round(line / 1e6))} MB`,
            }
          : lineText(line, tally, place);
      if (typeof text === 'string') yield { text, place };
      else skip(tally, place, text.reason, 'unreadable line');
    }
  }
}

/** Batches of lines. A line that is too long is represented by its number of bytes. */
async function* lineBytes(chunks: AsyncIterable<Buffer>): AsyncGenerator<(Buffer | number)[]> {
  let fragments: Buffer[] = [];
  let length = 0;
  const add = (fragment: Buffer): void => {
    length += fragment.length;
    if (length > LONGEST_LINE_BYTES) fragments = [];
    else if (fragment.length > 0) fragments.push(fragment);
  };
  const finish = (): Buffer | number => {
    const line =
      length > LONGEST_LINE_BYTES ? length : fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
    [fragments, length] = [[], 0];
    return line;
  };
  for await (const chunk of chunks) {
    const lines: (Buffer | number)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    if (lines.length > 0) yield lines;
    add(Buffer.from(chunk.subarray(start))); // a copy, because the memory of the chunk is reused
  }
  if (length > 0) yield [finish()];
}

const LF = 0x0a;
const CR = 0x0d;

function lineText(line: Buffer, tally: Tally, place: string): string | { reason: string } {
  let bytes = line.at(-1) === CR ? line.subarray(0, -1) : line;
  if (bytes.includes(0)) {
    bytes = bytes.filter((byte) => byte !== 0) as Buffer;
    if (bytes.length === 0) return { reason: 'nothing but NUL bytes' };
    notice(tally, 'line with NUL bytes, which were taken out', place);
  }
  const decoded = decodeBytes(bytes);
  if (decoded === null) return { reason: 'neither UTF-8 nor windows-1252' };
  if (decoded.encoding === 'windows-1252') notice(tally, 'line in windows-1252', place);
  return decoded.text;
}
