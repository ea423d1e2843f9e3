import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytes, detectEncoding, utf8Chunks } from '../../src/sources/text/encoding.ts';
import { readSourceLines } from '../../src/sources/source-lines.ts';
import { newTally } from '../../src/sources/tally.ts';
import type { TreeFile } from '../../src/sources/archive/tree-file.ts';

const fileOf = (chunks: () => AsyncIterable<Buffer>): TreeFile => ({ path: 'x', place: 'x', bytes: 0, chunks });
const cutInto = (bytes: Buffer, size: number) =>
  async function* (): AsyncGenerator<Buffer> {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  };

async function linesOf(chunks: () => AsyncIterable<Buffer>) {
  const tally = newTally();
  const lines: string[] = [];
  for await (const { text, place } of readSourceLines(fileOf(chunks), tally)) lines.push(`${place.slice(2)} ${text}`);
  return { lines, tally };
}

test('reads the lines of UTF-8 and UTF-16 text with a mark, or without if it is Latin, regardless of chunk boundaries', async () => {
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('\n', '\r\n', 'a', 'é', '雨', '😀', '\u2028'),
        fc.string({ unit: 'grapheme', maxLength: 1 }),
      ),
      maxLength: 40,
    })
    .map((text) => text.replaceAll('\0', '').replace(/^\ufeff+/, ''));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 30 }), async (text, size) => {
      const wanted = text.split('\n').map((line, i) => `${i + 1} ${line.replace(/\r$/, '')}`);
      if (text === '' || text.endsWith('\n')) wanted.pop();
      const le = Buffer.from(`\ufeff${text}`, 'utf16le');
      for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), le, Buffer.from(le).swap16()])
        assert.deepEqual((await linesOf(cutInto(bytes, size))).lines, wanted);
    }),
    { numRuns: 300 },
  );
  // Longer than the start used to detect the encoding, in chunks that split characters and surrogate pairs.
  const long = 'ünï 雨 😀\n'.repeat(1000);
  const utf16 = Buffer.from(`\ufeff${long}`, 'utf16le');
  for (const bytes of [Buffer.from(long), utf16, Buffer.from(utf16).swap16()])
    for (const size of [1023, 1025, 4099])
      assert.deepEqual(
        (await linesOf(cutInto(bytes, size))).lines,
        Array.from({ length: 1000 }, (_, i) => `${i + 1} ünï 雨 😀`),
      );
  const bare = Buffer.from('plain Latin text\nin two lines', 'utf16le');
  for (const bytes of [bare, Buffer.from(bare).swap16()])
    assert.deepEqual((await linesOf(cutInto(bytes, 7))).lines, ['1 plain Latin text', '2 in two lines']);
});

test('reports the encoding of a file once, and that of a line each time', async () => {
  const { lines, tally } = await linesOf(
    cutInto(
      Buffer.concat([
        Buffer.from('é\n'),
        Buffer.from('caf\xe9 \x80\nna\xefve\n', 'latin1'),
        Buffer.from('a\0b\n\0\0\n'),
        Buffer.from('\x81\n\xc3\xa9\xe9\n\xe9\x07\n', 'latin1'),
      ]),
      5,
    ),
  );
  assert.deepEqual(lines, ['1 é', '2 café €', '3 naïve', '4 ab']);
  assert.deepEqual(
    [...tally.noticed],
    [
      ['line in windows-1252', { count: 2, first: 'x:2' }],
      ['line with NUL bytes, which were taken out', { count: 1, first: 'x:4' }],
    ],
  );
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place} ${reason}`),
    [
      'x:5 nothing but NUL bytes',
      'x:6 neither UTF-8 nor windows-1252',
      'x:7 neither UTF-8 nor windows-1252',
      'x:8 neither UTF-8 nor windows-1252',
    ],
  );
});

test('does not read Cyrillic, Chinese or Korean encodings as windows-1252', () => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  assert.equal(decodeBytes(bytes('cff0e8e2e5f22c20eae0ea20e4e5ebe03f')), null); // windows-1251
  assert.equal(decodeBytes(bytes('c4e3bac3a3acbdf1ccecc8a5c4c7')), null); // GBK
  assert.equal(decodeBytes(bytes('bec8b3e7c7cfbcbcbfe4')), null); // CP949
  for (const text of ['Ô là là', '«Sí, señor»', 'ÄÖ', 'Größe: 5 Fuß', 'été'])
    assert.equal(decodeBytes(Buffer.from(text, 'latin1'))?.text, text);
});

test('decodes every windows-1252 character as in the WHATWG standard', () => {
  const high = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
  for (let byte = 0x80; byte < 0x100; byte++) {
    const wanted = byte < 0xa0 ? high[byte - 0x80]! : String.fromCharCode(byte);
    const decoded = decodeBytes(Buffer.from([0x61, byte, 0x62]));
    assert.equal(decoded?.text ?? null, [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte) ? null : `a${wanted}b`);
  }
});

test('does not mistake binary files for UTF-16', () => {
  for (const bytes of [
    Buffer.alloc(100),
    Buffer.from([0, 0, 1, 0, 0, 0, 2, 0]),
    Buffer.from('PK\x03\x04\0\0\0\0\b\0'),
    Buffer.from('ab'),
  ])
    assert.equal(detectEncoding(bytes).encoding, 'UTF-8');
});

test(
  'a line of 600 MB costs no memory, is named with its size, and the next one is read',
  { timeout: 60_000 },
  async () => {
    const block = Buffer.alloc(1 << 20, 'x');
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('one\n');
      for (let i = 0; i < 572; i++) yield block;
      yield Buffer.from('\nthree\n');
    }
    const before = process.memoryUsage().rss;
    const { lines, tally } = await linesOf(chunks);
    assert.deepEqual(
      [lines, tally.skipped.first],
      [['1 one', '3 three'], [{ place: 'x:2', reason: 'longer than 64 MiB: 600 MB' }]],
    );
    assert.ok(process.memoryUsage().rss - before < 250e6, `${(process.memoryUsage().rss - before) / 1e6} MB more`);
  },
);

test('reads a file up to a read error and reports the error', async () => {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${'x'.repeat(2000)}\nwhole\nhal`);
    throw new Error('cannot be read (EIO)');
  }
  const { lines, tally } = await linesOf(chunks);
  assert.deepEqual(
    [lines.slice(1), tally.skipped.first],
    [['2 whole', '3 hal'], [{ place: 'x', reason: 'cannot be read (EIO)' }]],
  );
  assert.equal(
    await utf8Chunks(cutInto(Buffer.alloc(0), 1)())
      .next()
      .then(({ value }) => (value as Buffer).length),
    0,
  );
});
