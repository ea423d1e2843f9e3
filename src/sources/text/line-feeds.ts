/**
 * Replaces the carriage returns that end the lines of old Mac files by line feeds. A file is one of these if its start
 * has more lone carriage returns than line feeds: Excel ends the rows of such a table with CR and puts LF into cells.
 * In other files a carriage return within a line belongs to the text.
 */
export async function* lineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let endsWithCr: boolean | null = null;
  let afterCr = false;
  for await (const chunk of chunks) {
    endsWithCr ??= hasMoreCarriageReturns(chunk);
    if (!endsWithCr) {
      yield chunk;
      continue;
    }
    const bytes = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (byte !== LF || !afterCr) bytes[length++] = byte === CR ? LF : byte;
      afterCr = byte === CR;
    }
    yield bytes.subarray(0, length);
  }
}

function hasMoreCarriageReturns(start: Buffer): boolean {
  if (!start.includes(CR)) return false;
  let lone = 0;
  let feeds = 0;
  for (const [index, byte] of start.subarray(0, START_BYTES).entries()) {
    if (byte === LF) feeds++;
    else if (byte === CR && start[index + 1] !== LF && index + 1 < start.length) lone++;
  }
  return lone > feeds;
}

const START_BYTES = 1 << 16;
const CR = 0x0d;
const LF = 0x0a;
