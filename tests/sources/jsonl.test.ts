import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines } from './read-source.ts';

test('alternates between A and B; a turn may set its speaker and time', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'x.jsonl': [
      '\ufeff{"id": "first", "turns": ["hi", "ho", "hum"], "topic": "ignored"}\r',
      '',
      '{"turns": [{"from": "Ann", "time": 1600000000000, "text": "a\\nb"}, {"text": "no name"}, {"from": "Ann", "time": null, "text": "x"}, "", {"from": "", "text": "nobody"}]}',
      '{"id": 7, "turns": ["last, without a line end"]}',
    ].join('\n'),
  });
  const { conversations, tally } = await readSource('jsonl', join(dir, 'x.jsonl'));
  assert.deepEqual(conversations, [
    { id: 'first', messages: ['hi', 'ho', 'hum'].map((text, i) => ({ from: 'ABA'[i]!, time: null, text })) },
    {
      id: '3',
      messages: [
        { from: 'Ann', time: 1600000000000, text: 'a\nb' },
        { from: 'B', time: null, text: 'no name' },
        { from: 'Ann', time: null, text: 'x' },
        { from: '', time: null, text: 'nobody' },
      ],
    },
    { id: '7', messages: [{ from: 'A', time: null, text: 'last, without a line end' }] },
  ]);
  assert.deepEqual([tally.read, tally.kept, tally.dropped], [9, 8, { empty: 1 }]);
});

test('reads the files of a folder sorted by name; skips and lists bad lines', async (t) => {
  const dir = tempDir(t);
  const good = '{"turns": ["ok"]}';
  writeFiles(dir, {
    'b.jsonl': `${good}\n{"turns": ["secret"\n${good}\n`,
    'a/z.jsonl': [
      'null',
      '[]',
      '{"turn": []}',
      '{"turns": [5]}',
      '{"turns": ["x", {"from": "Ann"}]}',
      '{"turns": [{"text": "x", "time": "noon"}]}',
      '{"turns": []}',
      '{"id": {}, "turns": ["x"]}',
      good,
    ].join('\n'),
    'notes.txt': 'not read',
  });
  const { conversations, tally } = await readSource('jsonl', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['a/z.jsonl:9', 'b.jsonl:1', 'b.jsonl:3'],
  );
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place} ${reason}`),
    [
      'a/z.jsonl:1 not an object',
      'a/z.jsonl:2 not an object',
      'a/z.jsonl:3 no list "turns"',
      'a/z.jsonl:4 turn 1 is neither a text nor {from?: string, time?: milliseconds, text: string}',
      'a/z.jsonl:5 turn 2 is neither a text nor {from?: string, time?: milliseconds, text: string}',
      'a/z.jsonl:6 turn 1 is neither a text nor {from?: string, time?: milliseconds, text: string}',
      'a/z.jsonl:7 "turns" is empty',
      'a/z.jsonl:8 "id" is not a string',
      'b.jsonl:2 not JSON',
    ],
  );
  assert.deepEqual(tally.dropped, { 'unreadable line': 9 });
});

test('lists a hundred bad lines and counts all of them', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'x.jsonl': `${'bad\n'.repeat(250)}{"turns": ["ok"]}\n` });
  const { tally } = await readSource('jsonl', join(dir, 'x.jsonl'));
  assert.deepEqual([tally.skipped.count, tally.skipped.first.length, tally.read], [250, 100, 251]);
});

test('reads every turn of two real topics', async (t) => {
  const path = sharedData('self-dialogue');
  if (!path) return t.skip(NO_SHARED_DATA);
  for (const name of ['horror.jsonl', 'lady_gaga.jsonl']) {
    const { conversations, tally } = await readSource('jsonl', join(path, name));
    const wanted: { id: string; turns: string[] }[] = readFileSync(join(path, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const spoken: { turn: string; who: string | undefined }[][] = wanted.map(({ turns }) =>
      turns.map((turn, i) => ({ turn, who: 'AB'[i % 2] })).filter(({ turn }) => turn.trim() !== ''),
    );
    assert.deepEqual(
      conversations.map(({ id }) => id),
      wanted.filter((_, i) => spoken[i]!.length > 0).map(({ id }) => id),
    );
    assert.deepEqual(
      conversations.map(messageLines),
      spoken.filter((turns) => turns.length > 0).map((turns) => turns.map(({ turn, who }) => `${who}: ${turn}`)),
    );
    assert.equal(tally.skipped.count, 0);
  }
});
