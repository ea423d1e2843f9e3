import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openJournal, readJournal, readJournalFrom, recordEndsAt } from '../../src/tracking/journal/journal.ts';
import type { JournalRecord } from '../../src/tracking/journal/journal.ts';

const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'journal-')), 'deep', 'journal.jsonl');
const metric = (step: number, value: number): JournalRecord => ({
  kind: 'metric',
  name: 'train/loss',
  step,
  value,
  time: 1_700_000_000_000 + step,
});

function journalWith(records: JournalRecord[]): string {
  const path = newPath();
  const journal = openJournal(path);
  for (const record of records) journal.append(record);
  journal.close();
  return path;
}

const recordsOf = (path: string): JournalRecord[] => readJournal(path).lines.map((line) => line.record);

test('reads back what was appended, with exact numbers, NaN and infinities', () => {
  const plain = { noNullPrototype: true };
  const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
    fc.record(
      {
        kind: fc.constant('metric' as const),
        name: fc.string(),
        step: fc.integer(),
        value: fc.double().filter((value) => !Object.is(value, -0)),
        time: fc.nat(),
      },
      plain,
    ),
    fc.record(
      { kind: fc.constant('tag' as const), key: fc.string({ unit: 'binary' }), value: fc.string({ unit: 'binary' }) },
      plain,
    ),
    fc.record(
      { kind: fc.constant('artifact' as const), path: fc.string(), file: fc.constant('x","sum":"00000000"}\n') },
      plain,
    ),
  );
  fc.assert(
    fc.property(fc.array(anyRecord), (records) => {
      assert.deepEqual(recordsOf(journalWith(records)), records);
    }),
    { numRuns: 60 },
  );
});

test('each line is JSON with the first 8 digits of the SHA-256 of the rest', () => {
  const path = journalWith([metric(1, NaN), metric(2, 0.1)]);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 2);
  const { sum, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.equal(rest.value, 'NaN');
  assert.equal(sum, createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 8));
});

test('truncated after any byte, it still yields its complete lines and accepts new records', () => {
  const records = [metric(1, 1.5), metric(2, 2.5), metric(3, 3.5)];
  const whole = readFileSync(journalWith(records));
  const ends = [...whole].flatMap((byte, i) => (byte === 10 ? [i + 1] : []));
  for (let cut = 0; cut < whole.length; cut++) {
    const path = journalWith([]);
    writeFileSync(path, whole.subarray(0, cut));
    const kept = ends.filter((end) => end <= cut).length;
    const before = readJournal(path);
    assert.equal(before.lines.length, kept);
    assert.equal(before.torn, cut - (ends[kept - 1] ?? 0));
    const journal = openJournal(path);
    assert.equal(journal.earlier.length, kept);
    journal.append(metric(9, 9));
    journal.close();
    assert.deepEqual(recordsOf(path), [...records.slice(0, kept), metric(9, 9)]);
  }
});

test('a changed byte costs only its own line', () => {
  const records = [metric(1, 1.5), metric(2, 2.5), metric(3, 3.5)];
  const whole = readFileSync(journalWith(records));
  const line = whole.indexOf(10) + 1;
  const next = whole.indexOf(10, line);
  for (let index = line; index < next; index++) {
    const path = journalWith([]);
    const bytes = Buffer.from(whole);
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const part = readJournal(path);
    assert.ok(part.dropped >= 1, `byte ${index}`);
    assert.deepEqual(
      part.lines.map(({ record }) => record),
      [records[0], records[2]],
      `byte ${index}`,
    );
  }
});

test('drops zeros at the end, which a power cut can leave', () => {
  const path = journalWith([metric(1, 1)]);
  appendFileSync(path, Buffer.alloc(300));
  assert.equal(recordsOf(path).length, 1);
  const journal = openJournal(path);
  journal.append(metric(2, 2));
  journal.close();
  assert.deepEqual(recordsOf(path), [metric(1, 1), metric(2, 2)]);
});

test('reading in portions yields every record once and in order, even across many bad lines', () => {
  const path = journalWith([metric(1, 1)]);
  appendFileSync(path, `${'x'.repeat(50)}\n`.repeat(100));
  const bytes = readFileSync(path);
  const journal = openJournal(path); // cuts off the bad end
  assert.ok(statSync(path).size < bytes.length);
  journal.close();
  appendFileSync(
    path,
    `${'x'.repeat(50)}\n`.repeat(100) + readFileSync(journalWith([metric(2, 2), metric(3, 3)]), 'utf8'),
  );
  const seen: number[] = [];
  for (let offset = 0; ;) {
    const part = readJournalFrom(path, offset, 64);
    if (part.lines.length === 0) break;
    for (const { record } of part.lines) if (record.kind === 'metric') seen.push(record.step);
    offset = part.lines.at(-1)?.end ?? 0;
  }
  assert.deepEqual(seen, [1, 2, 3]);
});

test('a checksum identifies a position in the journal, unless the journal has lost bytes', () => {
  const path = journalWith([metric(1, 1), metric(2, 2)]);
  const [first, second] = readJournal(path).lines;
  assert.ok(first && second);
  assert.ok(recordEndsAt(path, second.end, second.sum));
  assert.ok(recordEndsAt(path, first.end, first.sum));
  assert.ok(!recordEndsAt(path, first.end, second.sum));
  assert.ok(!recordEndsAt(path, 0, first.sum));
  writeFileSync(path, readFileSync(path).subarray(0, first.end));
  assert.ok(!recordEndsAt(path, second.end, second.sum));
});
