import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLines, type Line, type ReadLinesOptions } from '../../src/files/lines.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';

async function linesOf(dir: string, content: string | Uint8Array, options?: ReadLinesOptions): Promise<Line[]> {
  writeFiles(dir, { 'x.txt': content });
  const lines: Line[] = [];
  for await (const line of readLines(join(dir, 'x.txt'), options)) lines.push(line);
  return lines;
}

test('only LF and CR LF end a line', async (t) => {
  const lines = await linesOf(tempDir(t), '\ufeffa\r\n\nb\u2028c\rd\u0085e\n\ufefflast');
  assert.deepEqual(
    lines,
    ['a', '', 'b\u2028c\rd\u0085e', '\ufefflast'].map((text, i) => ({ kind: 'text', number: i + 1, text })),
  );
});

test('reads any text line by line, also across chunk boundaries', async (t) => {
  const dir = tempDir(t);
  const big = 'é'.repeat(200_000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(big, 'x'.repeat(262_143), 'y'.repeat(262_144))),
        { minLength: 1, maxLength: 6 },
      ),
      async (parts) => {
        const texts = parts.map((part) => part.replace(/[\r\n]|^\ufeff/g, ''));
        const lines = await linesOf(dir, texts.map((text) => `${text}\n`).join(''));
        assert.deepEqual(
          lines.map((line) => (line.kind === 'text' ? line.text : line.reason)),
          texts,
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('reports bad lines and continues after them', async (t) => {
  const dir = tempDir(t);
  const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.of(0x63, 0xe9, 0x0a), Buffer.from('b\n')]);
  assert.deepEqual(await linesOf(dir, bytes), [
    { kind: 'text', number: 1, text: 'a' },
    { kind: 'bad', number: 2, reason: 'not UTF-8' },
    { kind: 'text', number: 3, text: 'b' },
  ]);
  const long = await linesOf(dir, `a\n${'x'.repeat(3 << 20)}\nb`, { longestBytes: 1 << 20 });
  assert.deepEqual(
    long.map((line) => (line.kind === 'text' ? line.text : line.reason)),
    ['a', 'longer than 1 MiB', 'b'],
  );
  assert.deepEqual(await linesOf(dir, Buffer.from('\ufeffhello\n', 'utf16le')), [
    { kind: 'bad', number: 1, reason: 'the file is UTF-16: save it as UTF-8' },
  ]);
});

test('reports all bytes as they are read', async (t) => {
  let read = 0;
  await linesOf(tempDir(t), 'abc\n'.repeat(200_000), { onBytes: (bytes) => (read += bytes) });
  assert.equal(read, 800_000);
});
