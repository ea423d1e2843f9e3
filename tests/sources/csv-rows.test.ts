import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvRows, type CsvDialect, type CsvRow } from '../../src/sources/tables/rows.ts';

const letters = fc
  .array(fc.constantFrom('a', 'b', ',', ';', '"', '""', '\n', '\r\n', '\r', ' ', 'é', '雨', '😀', '\u2028'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));
const field = fc.record({ text: letters, quoted: fc.boolean() });
const table = fc.record({
  rows: fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
  separator: fc.constantFrom(',', ';', '\t'),
  end: fc.constantFrom('\n', '\r\n'),
  last: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
});

test('reads well-formed tables like the CSV library, regardless of chunk boundaries', async () => {
  await fc.assert(
    fc.asyncProperty(table, async ({ rows, separator, end, last, cuts }) => {
      const text =
        rows
          .map((row) =>
            row
              .map(({ text, quoted }) =>
                quoted || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text,
              )
              .join(separator),
          )
          .join(end) + (last ? end : '');
      const wanted = parse(text, {
        delimiter: separator,
        record_delimiter: ['\n', '\r\n'],
        relax_column_count: true,
        skip_empty_lines: true,
      });
      assert.deepEqual(
        (await read(text, { separator }, cuts)).map((row) => (row.kind === 'row' ? row.fields : row)),
        wanted,
      );
    }),
    { numRuns: 2000 },
  );
});

test('for arbitrary bytes, line numbers increase and reasons quote no content', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('secret', '"', ',', '\n', '\r', '\0', '\xff', '\xe9', 'é'), { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
      async (parts, cuts) => {
        const bytes = Buffer.concat(
          parts.map((part) =>
            Buffer.from(part, part.length === 1 && part > '\x7f' && part !== 'é' ? 'latin1' : 'utf8'),
          ),
        );
        const rows = await read(bytes, {}, cuts);
        const lines = rows.map(({ line }) => line);
        assert.deepEqual(
          lines,
          [...new Set(lines)].sort((a, b) => a - b),
        );
        assert.ok(lines.every((line) => line >= 1 && line <= bytes.toString('latin1').split('\n').length));
        for (const row of rows) if (row.kind === 'bad') assert.doesNotMatch(row.reason, /secret/);
        // Chunk boundaries do not change the rows.
        assert.deepEqual(rows, await read(bytes, {}, [1 << 20]));
      },
    ),
    { numRuns: 2000 },
  );
});

test('reports the line where a row begins and ignores empty lines', async () => {
  assert.deepEqual(shown(await read('a,b\n\n"x\ny\nz",2\r\n\r\n3,4')), ['1 a|b', '3 x\ny\nz|2', '7 3|4']);
  assert.deepEqual(shown(await read('a\n5" disk\nb "quoted" word\n')), ['1 a', '2 5" disk', '3 b "quoted" word']);
});

test('resumes at the next fitting row after a broken quote', async () => {
  assert.deepEqual(shown(await read('a,b\n1,"x" y\n3,4\n')), ['1 a|b', '2 broken quote', '3 3|4']);
  assert.deepEqual(shown(await read('a,b\n1,"never closed\n3,4\n5,"six"\n7,8\n')), [
    '1 a|b',
    '2 broken quote',
    '3 3|4',
    '4 5|six',
    '5 7|8',
  ]);
  assert.deepEqual(shown(await read('a,b\n1,"closed nowhere\nand on\nand on\n3,4\n')), [
    '1 a|b',
    '2 broken quote; with it the next 2 lines are lost',
    '5 3|4',
  ]);
  assert.deepEqual(shown(await read('a,b\n1,"to the end')), ['1 a|b', '2 broken quote']);
  const dialect: CsvDialect = { rowInside: /\n\d+,[^,\n]+\.tsv,/, fits: (fields) => fields.length === 3 };
  // The quotes of the two rows form one well-formed row. Only its content shows that it is two.
  assert.deepEqual(shown(await read('3,1.tsv,"open\n3,2.tsv,"\n3,3.tsv,fine\n', dialect)), [
    '1 broken quote; with it the next line is lost',
    '3 3|3.tsv|fine',
  ]);
});

test('reads and reports windows-1252 and NUL bytes row by row, and rejects rows in neither encoding', async () => {
  const notices: string[] = [];
  const bytes = Buffer.concat([
    Buffer.from('a,b\né,雨\n'),
    Buffer.from('caf\xe9,"\x80 \x93x\x94"\n', 'latin1'),
    Buffer.from('x\0,\0y\n\0\0\0\n'),
    Buffer.from('é\xff,1\n', 'latin1'),
    Buffer.from('caf\xc3\xa9 \xe9,1\n', 'latin1'),
    Buffer.from('z,1\n'),
  ]);
  const rows = await read(bytes, { notice: (what, line) => notices.push(`${line} ${what}`) });
  assert.deepEqual(shown(rows), [
    '1 a|b',
    '2 é|雨',
    '3 café|€ “x”',
    '4 x|y',
    '5 nothing but NUL bytes',
    '6 éÿ|1',
    '7 neither UTF-8 nor windows-1252',
    '8 z|1',
  ]);
  assert.deepEqual(notices, [
    '3 line in windows-1252',
    '4 line with NUL bytes, which were taken out',
    '6 line in windows-1252',
  ]);
});

test('reports the size of a line that is too long and reads the rest; treats a quoted field that is too long as broken', async () => {
  const long = 'x'.repeat(2_600_000);
  assert.deepEqual(shown(await read(`a,b\n1,${long}\n2,3\n`, { longestBytes: 1 << 20 }, [1 << 16])), [
    '1 a|b',
    '2 a line of 3 MB',
    '3 2|3',
  ]);
  assert.deepEqual(shown(await read(`a,b\n1,${long}`, { longestBytes: 1 << 20 }, [1 << 16])), [
    '1 a|b',
    '2 a line of 3 MB',
  ]);
  const rows = shown(await read(`a,b\n1,"${'x,y\n'.repeat(600_000)}`, { longestBytes: 1 << 20 }, [1 << 16]));
  assert.deepEqual([rows.length, ...rows.slice(0, 3)], [600_001, '1 a|b', '2 broken quote', '3 x|y']);
});

async function read(text: string | Buffer, dialect: CsvDialect = {}, cuts: number[] = [1 << 20]): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const batch of csvRows(cut(Buffer.from(text), cuts), dialect)) for (const row of batch) rows.push(row);
  return rows;
}

/** Chunks in one buffer that is reused, as a file reader may do. */
async function* cut(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  const memory = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = bytes.copy(memory, 0, at, at + sizes[turn % sizes.length]!);
    yield memory.subarray(0, size);
    at += size;
  }
}

function shown(rows: CsvRow[]): string[] {
  return rows.map((row) => `${row.line} ${row.kind === 'row' ? row.fields.join('|') : row.reason}`);
}
