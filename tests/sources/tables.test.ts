import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gatherByName } from '../../src/sources/tables/gather-by-name.ts';
import { newTally } from '../../src/sources/tally.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines } from './read-source.ts';

const columns = { text: 'body', from: 'who', time: 'when', conversation: 'room' };

test('finds columns by name with any separator; conversations may be interleaved', async (t) => {
  const dir = tempDir(t);
  for (const [name, separator] of [
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
  ] as const) {
    const rows = [
      ['id', 'when', 'room', 'who', 'body'],
      ['1', '2020-01-02T00:00:03Z', 'x', 'Ann', 'third'],
      ['2', '1577923200', 'y', 'Ben', 'other'],
      ['3', '2020-01-02 00:00:02', 'x', 'Cem', '"a ""b""\nc"'],
      ['4', '1577923201000', 'x', '', 'first'],
      ['5', '', 'x', 'Ann', ' '],
    ];
    writeFiles(dir, { [`${name}.csv`]: rows.map((row) => row.join(separator)).join('\n') });
    const { conversations, tally } = await readSource('csv', join(dir, `${name}.csv`), { columns });
    assert.deepEqual(
      conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]),
      [
        ['y', 'Ben: other'],
        ['x', ': first', 'Cem: a "b"\nc', 'Ann: third'],
      ],
    );
    assert.deepEqual(
      conversations[1]!.messages.map(({ time }) => time! - Date.UTC(2020, 0, 2)),
      [1000, 2000, 3000],
    );
    assert.deepEqual([tally.read, tally.dropped, tally.skipped.count], [5, { empty: 1 }, 0]);
  }
});

test('lists a table without a required column, rows of another length, and a broken quote', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.csv': 'who,text\nAnn,x\n', 'b.csv': 'who,body\nAnn,x\nAnn\nBen,"y" z\nBen,y\n' });
  const { conversations, tally } = await readSource('csv', dir, { columns: { text: 'body', from: 'who' } });
  assert.deepEqual(
    conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]),
    [['b.csv', 'Ann: x', 'Ben: y']],
  );
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place}: ${reason}`),
    [
      'a.csv:1: no column "body": its columns are "who", "text"',
      'b.csv:3: 1 columns instead of 2',
      'b.csv:4: broken quote',
    ],
  );
});

test('warns of a column that is there twice', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.csv': 'who,body,body,note,note\nAnn,x,y,,\n' });
  const { conversations, tally } = await readSource('csv', dir, { columns: { text: 'body', from: 'who' } });
  assert.deepEqual(conversations.flatMap(messageLines), ['Ann: x']);
  assert.deepEqual(
    [...tally.noticed].map(([what, { warning }]) => [what, warning]),
    [['file with several columns named "body": the first is read', true]],
  );
});

test('reads JSON lines with one message each; a dotted name selects a nested key', async (t) => {
  const dir = tempDir(t);
  const lines = [
    { body: 'b', author: { name: 'Ann' }, when: 2e9, room: 7 },
    { body: 'a', author: { name: 'Ben' }, when: 1e9, room: 7 },
    { body: 5, author: null, when: 'noon', room: 'z' },
    { author: {} },
    { body: ['x'] },
  ];
  writeFiles(dir, { 'x.jsonl': `${lines.map((line) => JSON.stringify(line)).join('\n')}\n[]\n` });
  const { conversations, tally } = await readSource('jsonl', join(dir, 'x.jsonl'), {
    columns: { ...columns, from: 'author.name' },
  });
  assert.deepEqual(conversations, [
    {
      id: '7',
      messages: [
        { from: 'Ben', time: 1e12, text: 'a' },
        { from: 'Ann', time: 2e12, text: 'b' },
      ],
    },
    { id: 'z', messages: [{ from: '', time: null, text: '5' }] },
  ]);
  assert.deepEqual([tally.read, tally.dropped], [6, { empty: 1, 'text is not a string': 1, 'unreadable line': 1 }]);
});

test('holds a limited amount of interleaved conversations; ends the one silent for longest, and reports its later rows', () => {
  const tally = newTally();
  const gathering = gatherByName(tally);
  const text = 'x'.repeat(1 << 20);
  const ended: string[] = [];
  for (let i = 0; i < 40; i++)
    for (const { id, messages } of gathering.add(`${i % 20}`, { from: '', time: null, text }, () => `${i}`))
      ended.push(`${id}:${messages.length}`);
  // A little more than fifteen conversations of a million letters fit.
  assert.deepEqual([ended[0], ended.length], ['0:1', 25]);
  for (const { id, messages } of gathering.end()) ended.push(`${id}:${messages.length}`);
  assert.equal(ended.length, 40);
  assert.deepEqual([...tally.noticed.values()], [{ count: 20, first: '20' }]);
});

test("takes the separator from Excel's first line, in any encoding and whatever the columns", async (t) => {
  const dir = tempDir(t);
  const rows = '\r\nwho;größe\r\nAnn;hello\r\nBen;"hi, you"\r\nCleo;"broken\r\nDan;last\r\n';
  const contents: Record<string, Buffer> = {
    'a.csv': Buffer.from(`sep=;${rows}`),
    'b.csv': Buffer.from(`\ufeff"SEP=;"${rows}`),
    'c.csv': Buffer.from(`\ufeffsep=;${rows}`, 'utf16le'),
    'd.csv': Buffer.from(`sep=;${rows}`, 'latin1'),
    'e.csv': Buffer.from(`sep=^${rows.replaceAll(';', '^')}`),
    'f.csv': Buffer.from(`sep=\t${rows.replaceAll(';', '\t')}`),
    'g.csv': Buffer.from(rows.trimStart(), 'latin1'),
  };
  writeFiles(dir, contents);
  for (const name of Object.keys(contents)) {
    const { conversations, tally } = await readSource('csv', join(dir, name), {
      columns: { text: 'größe', from: 'who' },
    });
    assert.deepEqual(conversations.flatMap(messageLines), ['Ann: hello', 'Ben: hi, you', 'Dan: last'], name);
    assert.match(tally.skipped.first[0]!.reason, /^broken quote/, name);
  }
});
