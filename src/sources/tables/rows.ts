import { rowScanner, type CsvDialect, type CsvRow } from './scanner.ts';

export type { CsvDialect, CsvRow } from './scanner.ts';

/**
 * Rows of a CSV file (RFC 4180; LF or CR LF) in batches and in bounded memory. This is our own scanner because the CSV
 * library takes longer to split the rows (`npm run bench data`) than all of ingest may take, and loses everything after
 * a broken quote. Here the text is decoded slice by slice and split with indexOf. A quote inside an unquoted field is
 * an ordinary character. After a broken quote, reading resumes at the next line that fits. Empty lines are ignored.
 */
export async function* csvRows(chunks: AsyncIterable<Buffer>, dialect: CsvDialect = {}): AsyncGenerator<CsvRow[]> {
  const longestBytes = dialect.longestBytes ?? LONGEST_BYTES;
  const scan = rowScanner(dialect);
  /**
   * begins with `held` bytes of an incomplete row; reused, because allocating buffers costs more than filling them
   */
  let memory = Buffer.allocUnsafe(MEMORY_BYTES);
  let held = 0;
  /** bytes so far of a line that is too long and thrown away */
  let thrownBytes = 0;
  for await (const chunk of inSlices(chunks)) {
    let start = 0;
    if (thrownBytes > 0) {
      const end = chunk.indexOf(LF);
      thrownBytes += end === -1 ? chunk.length : end;
      if (end === -1) continue;
      yield [scan.tooLong(thrownBytes)];
      thrownBytes = 0;
      start = end + 1;
    }
    const filled = held + chunk.length - start;
    if (filled > memory.length) memory = Buffer.concat([memory.subarray(0, held)], Math.max(filled, memory.length * 2));
    chunk.copy(memory, held, start);
    let bytes = memory.subarray(0, filled);
    for (const ending of ['more', 'too long'] as const) {
      if (ending === 'too long' && bytes.length <= longestBytes) break;
      const { rows, used } = scan.rows(bytes.subarray(0, bytes.lastIndexOf(LF) + 1), ending);
      if (rows.length > 0) yield rows;
      bytes = bytes.subarray(used);
    }
    held = bytes.length;
    if (held > longestBytes && !bytes.includes(LF)) {
      thrownBytes = held;
      held = 0;
    } else memory.copyWithin(0, filled - held, filled);
  }
  if (thrownBytes > 0) yield [scan.tooLong(thrownBytes)];
  yield [...scan.rows(memory.subarray(0, held), 'end').rows, ...scan.end()];
}

/** Slices are so small that their strings die young and the garbage collector frees them cheaply. */
async function* inSlices(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) yield chunk.subarray(start, start + SLICE_BYTES);
}

const SLICE_BYTES = 2 ** 15;
const LF = 0x0a;
const LONGEST_BYTES = 16 * 2 ** 20;
const MEMORY_BYTES = 2 ** 17;
