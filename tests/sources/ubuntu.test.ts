import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { pack } from 'tar-stream';
import { writeKaggleCsv } from '../bench/data-kaggle-csv.ts';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines } from './read-source.ts';
import { zipOf } from './write-zip.ts';

const HEADER = 'folder,dialogueID,date,from,to,text\n';
const row = (id: string, minute: number, from: string, text: string): string =>
  `${id},2004-11-23T11:${String(minute).padStart(2, '0')}:00.000Z,${from},,${text}\n`;
const at = (minute: number): number => Date.UTC(2004, 10, 23, 11, minute);

test("Kaggle's CSV: adjacent rows with the same folder and id are a dialogue; fields may contain quotes and newlines", async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'dialogueText.csv':
      HEADER +
      row('3,1.tsv', 1, 'ann', 'hi') +
      row('3,1.tsv', 2, 'ben', '"say ""ho"",\nplease"') +
      row('3,2.tsv', 3, 'cem', 'x') +
      row('4,2.tsv', 4, 'dot', ' y ') +
      row('4,2.tsv', 5, 'dot', ' '),
    'toc.csv': 'dialogueText.csv 1038325\n',
  });
  const { conversations, tally } = await readSource('ubuntu', dir);
  assert.deepEqual(conversations, [
    {
      id: '3/1.tsv',
      messages: [
        { from: 'ann', time: at(1), text: 'hi' },
        { from: 'ben', time: at(2), text: 'say "ho",\nplease' },
      ],
    },
    { id: '3/2.tsv', messages: [{ from: 'cem', time: at(3), text: 'x' }] },
    { id: '4/2.tsv', messages: [{ from: 'dot', time: at(4), text: ' y ' }] },
  ]);
  assert.deepEqual([tally.read, tally.kept, tally.dropped], [5, 4, { empty: 1 }]);
  assert.deepEqual([...tally.noticed], [['CSV file of the Ubuntu corpus', { count: 1, first: 'dialogueText.csv' }]]);
});

test("reads Kaggle's .zip as downloaded, on its own or in a folder", async (t) => {
  const dir = tempDir(t);
  const files = {
    'Ubuntu-dialogue-corpus/dialogueText.csv': HEADER + row('3,1.tsv', 1, 'ann', 'hi'),
    'Ubuntu-dialogue-corpus/dialogueText_196.csv':
      HEADER + row('3,1.tsv', 1, 'ann', 'hi') + row('3,2.tsv', 2, 'ben', 'ho'),
    'toc.csv': 'x',
  };
  writeFiles(dir, { 'archive.zip': zipOf(files) });
  for (const path of [dir, join(dir, 'archive.zip')]) {
    const { conversations, tally } = await readSource('ubuntu', path);
    assert.deepEqual(
      [conversations.map(({ id }) => id), tally.dropped, tally.filesRead],
      [['3/1.tsv', '3/2.tsv'], { 'in a dialogue met before': 1 }, 2],
    );
  }
});

test('reads the first published corpus, its .tgz and a CSV of its dialogues alike; recognizes a single file by content', async (t) => {
  const dir = tempDir(t);
  const tsv = (minute: number, words: string): string =>
    `2004-11-23T11:${minute}:00.000Z\tann\t\thi "there\t${words}\n2004-11-23T11:${minute}:00.000Z\tben\tann\tho\n`;
  const files = { 'dialogs/3/1.tsv': tsv(10, 'x'), 'dialogs/12/1.tsv': tsv(11, 'y'), 'dialogs/12/2.tsv': tsv(12, 'é') };
  writeFiles(dir, Object.fromEntries(Object.entries(files).map(([name, text]) => [`tree/${name}`, text])));
  const archive = await tar(files);
  writeFiles(dir, { 'ubuntu_dialogs.tgz': gzipSync(archive), 'one-without-an-ending': archive });
  const tree = await readSource('ubuntu', join(dir, 'tree'));
  assert.deepEqual(
    tree.conversations.map(({ id, messages }) => [id, messages[0]!.text, messages.length]),
    [
      ['12/1.tsv', 'hi "there\ty', 2],
      ['12/2.tsv', 'hi "there\té', 2],
      ['3/1.tsv', 'hi "there\tx', 2],
    ],
  );
  assert.deepEqual(tree.conversations[0]!.messages[0]!.time, at(11));
  const sorted = (read: typeof tree) => read.conversations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const name of ['ubuntu_dialogs.tgz', 'one-without-an-ending']) {
    const packed = await readSource('ubuntu', join(dir, name));
    assert.deepEqual(sorted(packed), sorted(tree));
    assert.deepEqual([packed.tally.filesRead, packed.tally.read], [1, 6]);
  }
});

test('reads and lists a truncated or damaged archive up to the damage, with the same result each time', async (t) => {
  const archive = gzipSync(
    await tar(
      Object.fromEntries(
        Array.from({ length: 900 }, (_, i) => [
          `dialogs/3/${i}.tsv`,
          `2004-11-23T11:10:00.000Z\tann\t\tmessage ${i} ${Math.sin(i)}\n`.repeat(1 + (i % 40)),
        ]),
      ),
    ),
  );
  const damaged = Buffer.from(archive);
  damaged.fill(0xff, archive.length >> 1, (archive.length >> 1) + 9);
  for (const [name, bytes] of [
    ['cut.tgz', archive.subarray(0, archive.length >> 1)],
    ['damaged.tgz', damaged],
  ] as const) {
    const path = join(tempDir(t), name);
    writeFileSync(path, bytes);
    const first = await readSource('ubuntu', path);
    assert.ok(
      first.conversations.length > 300 && first.conversations.length < 600,
      `${name}: ${first.conversations.length}`,
    );
    assert.match(first.tally.skipped.first.at(-1)!.reason, /^the archive is cut off or damaged: /);
    for (let i = 0; i < 4; i++) assert.deepEqual(await readSource('ubuntu', path), first);
  }
});

test('filters by bots, turns and speakers, and counts dropped messages by reason', async (t) => {
  const dir = tempDir(t);
  const dialogue = (id: string, ...who: string[]): string =>
    who.map((from, minute) => row(id, minute, from, `${id.slice(2)} ${minute}`)).join('');
  writeFiles(dir, {
    'x.csv':
      HEADER +
      dialogue('3,two.tsv', 'a', 'b', 'a', 'a') +
      dialogue('3,short.tsv', 'a', 'a', 'b') +
      dialogue('3,bot.tsv', 'a', 'UbotTu', 'a', 'a') +
      dialogue('3,three.tsv', 'a', 'b', 'c') +
      dialogue('3,long.tsv', 'a', 'b', 'a', 'b', 'a') +
      dialogue('3,bots.tsv', 'ubotu'),
  });
  const all = await readSource('ubuntu', dir);
  assert.deepEqual(
    [all.conversations.map(({ id }) => id), all.tally.dropped],
    [['3/two.tsv', '3/short.tsv', '3/bot.tsv', '3/three.tsv', '3/long.tsv'], { 'said by a bot': 2 }],
  );
  const { conversations, tally } = await readSource('ubuntu', dir, {
    ubuntu: { minTurns: 3, maxTurns: 4, speakers: 2 },
  });
  assert.deepEqual(conversations.map(messageLines), [['a: two.tsv 0', 'b: two.tsv 1', 'a: two.tsv 2', 'a: two.tsv 3']]);
  assert.deepEqual(tally.dropped, {
    'in a dialogue not of 2 speakers': 6,
    'in a dialogue of too few turns': 3,
    'in a dialogue of too many turns': 5,
    'said by a bot': 2,
  });
  assert.deepEqual((await readSource('ubuntu', dir, { ubuntu: { bots: [] } })).tally.dropped, {});
});

test('drops a repeated dialogue in the same file or another whatever its id, and keeps one with any difference', async (t) => {
  const dir = tempDir(t);
  const one = row('3,1.tsv', 1, 'ann', 'hi') + row('3,1.tsv', 2, 'ben', 'ho');
  writeFiles(dir, {
    'a.csv': HEADER + one + row('3,2.tsv', 1, 'ann', 'other') + one.replaceAll('1.tsv', '9.tsv'),
    'b.csv':
      HEADER +
      one +
      one.replaceAll('1.tsv', '4.tsv').replace(':02:', ':03:') +
      one.replaceAll('1.tsv', '5.tsv').replace('ben', 'bem') +
      one.replaceAll('1.tsv', '6.tsv').replace('ho', 'hp'),
  });
  const { conversations, tally } = await readSource('ubuntu', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['3/1.tsv', '3/2.tsv', '3/4.tsv', '3/5.tsv', '3/6.tsv'],
  );
  assert.deepEqual(tally.dropped, { 'in a dialogue met before': 4 });
  assert.equal((await readSource('ubuntu', dir, { ubuntu: { duplicates: 'keep' } })).conversations.length, 7);
});

test('raw logs: reads the day from the name, actions, midnight and other lines; a single log has no day', async (t) => {
  const dir = tempDir(t);
  const log = [
    '[23:58] <ann> hi',
    '[23:59] * ben waves',
    '[23:59]  * ben is back',
    '=== cem [n=cem@host]  has joined #ubuntu',
    '[00:00] <@cem> morning',
    '[00:01] <dot>  ',
    '[00:01] -spam:#ubuntu- buy',
    'what?',
    '[00:02] <ubotu> a fact',
  ].join('\n');
  writeFiles(dir, {
    'logs/2005-12-31.x.txt': log,
    'logs/2006-01-02.txt':
      '[11:59] <a> before\n[00:01] <a> noon\n[11:59] <a> late\n[12:01] <a> next\n[01:00] <a> one\n',
  });
  const { conversations, tally } = await readSource('ubuntu', join(dir, 'logs'));
  assert.deepEqual(conversations[0], {
    id: '2005-12-31.x.txt',
    messages: [
      { from: 'ann', time: Date.UTC(2005, 11, 31, 23, 58), text: 'hi' },
      { from: 'ben', time: Date.UTC(2005, 11, 31, 23, 59), text: '/me waves' },
      { from: 'ben', time: Date.UTC(2005, 11, 31, 23, 59), text: '/me is back' },
      { from: 'cem', time: Date.UTC(2006, 0, 1, 0, 0), text: 'morning' },
    ],
  });
  assert.deepEqual(
    conversations[1]!.messages.map(({ time }) => new Date(time!).toISOString().slice(0, 16)),
    ['2006-01-02T11:59', '2006-01-02T12:01', '2006-01-02T23:59', '2006-01-03T00:01', '2006-01-03T01:00'],
  );
  assert.deepEqual(tally.dropped, { 'system line': 1, empty: 1, notice: 1, 'not a message': 1, 'said by a bot': 1 });
  assert.ok(tally.noticed.has('IRC log with a clock of twelve hours, taken to begin before noon'));
  const alone = await readSource('ubuntu', join(dir, 'logs/2005-12-31.x.txt'));
  assert.deepEqual(
    alone.conversations[0]!.messages.map(({ time }) => time),
    [null, null, null, null],
  );
  assert.equal(
    [...alone.tally.noticed.keys()].some((what) => /does not tell the day/.test(what)),
    true,
  );
});

test('the real logs: reads exactly the lines that are messages', async (t) => {
  const dir = sharedData('ubuntu-irc');
  if (!dir) return t.skip(NO_SHARED_DATA);
  const { conversations, tally } = await readSource('ubuntu', dir, { ubuntu: { bots: [] } });
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.txt'))
    .sort();
  assert.deepEqual(
    conversations.map(({ id }) => id),
    names,
  );
  const lines = names.map((name) => readFileSync(join(dir, name), 'utf8').split('\n'));
  // Counted independently, by how a line begins.
  const messages = lines.map(
    (file) => file.filter((line) => /^\[..:..\] (<[^>]+>\s*\S|\s?\* \S+\s+\S)/.test(line)).length,
  );
  assert.deepEqual(
    conversations.map(({ messages }) => messages.length),
    messages,
  );
  assert.equal(tally.read, lines.flat().filter((line) => line !== '').length);
  assert.equal(tally.skipped.count, 0);
});

test("reads the benchmark's CSV of the real logs like the CSV library", async (t) => {
  const logs = sharedData('ubuntu-irc');
  if (!logs) return t.skip(NO_SHARED_DATA);
  const path = join(tempDir(t), 'x.csv');
  const made = writeKaggleCsv(path, 3e6, logs);
  const { conversations, tally } = await readSource('ubuntu', path, { ubuntu: { bots: [], duplicates: 'keep' } });
  const rows = parse<Record<string, string>>(readFileSync(path), { columns: true });
  const spoken = rows
    .filter(({ text }) => text!.trim() !== '')
    .map(({ folder, dialogueID, date, from, text }) => [`${folder}/${dialogueID}`, from, Date.parse(date!), text]);
  assert.deepEqual(
    conversations.flatMap(({ id, messages }) => messages.map(({ from, time, text }) => [id, from, time, text])),
    spoken,
  );
  assert.deepEqual([tally.read, rows.length], [made.rows, made.rows]);
});

test('loses only the row of a broken quote; reports a row of another length and an invalid date', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'x.csv':
      HEADER +
      row('3,1.tsv', 1, 'a', 'one') +
      row('3,1.tsv', 2, 'a', '"never closed') +
      row('3,1.tsv', 3, 'b', '"two, ""three"""') +
      '3,1.tsv,short\n' +
      '3,1.tsv,1970-01-01T00:00:00.000Z,a,,zero\n3,1.tsv,,a,,none\n3,1.tsv,2150-01-01T00:00:00.000Z,a,,far\n',
  });
  const { conversations, tally } = await readSource('ubuntu', dir);
  assert.deepEqual(
    conversations[0]!.messages.map(({ time, text }) => [time, text]),
    [
      [at(1), 'one'],
      [at(3), 'two, "three"'],
      [null, 'zero'],
      [null, 'none'],
      [null, 'far'],
    ],
  );
  assert.deepEqual(tally.skipped.first, [
    { place: 'x.csv:3', reason: 'broken quote' },
    { place: 'x.csv:5', reason: '3 columns instead of 6' },
  ]);
  assert.deepEqual([...tally.noticed].slice(1), [
    ['message with a time of zero', { count: 1, first: 'x.csv:6' }],
    ['message without a time that can be read', { count: 1, first: 'x.csv:7' }],
    ['message dated after 2099', { count: 1, first: 'x.csv:8' }],
  ]);
});

test('reads UTF-16 with and without a mark, and a part of the file without its header', async (t) => {
  const dir = tempDir(t);
  const rows = row('3,1.tsv', 1, 'ann', 'hé 雨') + row('3,1.tsv', 2, 'ben', 'ho');
  const le = Buffer.from(HEADER + rows, 'utf16le');
  writeFiles(dir, {
    'le.csv': Buffer.concat([Buffer.from([0xff, 0xfe]), le]),
    'le-bare.csv': le,
    'be.csv': Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(le).swap16()]),
    'bom.csv': `\ufeff${HEADER}${rows}`,
    'part.csv': rows,
  });
  const { conversations, tally } = await readSource('ubuntu', dir, { ubuntu: { duplicates: 'keep' } });
  assert.deepEqual(conversations.map(messageLines), Array(5).fill(['ann: hé 雨', 'ben: ho']));
  assert.deepEqual(
    [tally.noticed.get('file in UTF-16 LE'), tally.noticed.get('file in UTF-16 BE')],
    [
      { count: 2, first: 'le-bare.csv' },
      { count: 1, first: 'be.csv' },
    ],
  );
});

async function tar(files: Record<string, string>): Promise<Buffer> {
  const packing = pack();
  for (const [name, text] of Object.entries(files)) packing.entry({ name, mtime: new Date(0) }, text);
  packing.entry({ name: 'dialogs/3/link.tsv', type: 'symlink', linkname: '/etc/passwd' });
  packing.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packing) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
