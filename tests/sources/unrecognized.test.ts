import { mkdirSync } from 'node:fs';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../src/sources/formats.ts';
import { sniffFormat } from '../../src/sources/sniff-format.ts';
import { describeUnrecognized } from '../../src/sources/unrecognized.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { CHAT_CORPORA } from '../soak/chat-logs.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { ingestFrom } from '../stages/run-data-stage.ts';

const UNKNOWN: [string, string][] = [
  ['JSON', '{"export": {"channel": "general"}, "posts": [{"by": "Zoë", "body": "hi"}]}'],
  ['JSON', '[\n  {\n    "author": "Zoë",\n    "body": "hi"\n  }\n]\n'],
  ['JSON', '[["Zoë", "hi"], ["Ann", "ho"]]'],
  ['JSON', '[1, 2]'],
  ['JSON', '{}'],
  ['HTML', '<!DOCTYPE html>\n<html><body><p>Zoë: hi</p></body></html>'],
  ['HTML', '\ufeff<html lang="de"><head></head></html>'],
  ['HTML', '<?xml version="1.0"?><smses count="1"><sms address="1" body="Zoë"/></smses>'],
  ['log', 'Zoe on Tue 5 Mar\n5 Mar 2019 at 15:42 | Zoë | hi\n6 Mar 2019 at 15:43 | Ann | ho\n'],
  ['log', '2019.3 | Zoë\n2019-03-05 Zoë > hi\n2019-03-06 Ann > ho\n'],
  ['log', '[15:42] Zoë: hi\n[15:43] Ann: ho\n'],
  ['log', '15:42 Zoë: hi\n15:43 Ann: ho\n'],
  ['log', 'Zoë, [05.03.19 15:42]\nhi\n\nAnn, [05.03.19 15:43]\nho\n'],
  ['log', 'Zoë 2019-03-05 15:42:07\nhi\n\nAnn 🦄 2019-03-05 15:43:07\nho\n'],
  ['log', '15:42:07 From Zoë to Everyone:\n\thi\n15:43:07 From Ann to Everyone:\n\tho\n'],
  ['log', '09.05\tZoë\thi\n09.06\tAnn\tho\n'],
  ['log', '2019-03-05 15:42:07,123 INFO general: hi\n2019-03-05 15:42:08,123 WARN general: hi\n'],
  ['log', '[2019-03-05 15:42:07] ERROR: hi\n[2019-03-05 15:42:08] DEBUG: hi\n'],
  ['log', '[03/05/2019 3:42 PM] Zoë\nhi\n\n[03/05/2019 3:43 PM] Ann\nho\n'],
  ['not text', '%PDF-1.4\nZoë'],
  ['not text', '{\\rtf1\\ansi Zoë}'],
];

test('never takes JSON, HTML or dated lines of an unknown shape for plain text, and quotes nothing', () => {
  for (const [what, text] of UNKNOWN) {
    const saw = describeUnrecognized(Buffer.from(text))?.saw ?? 'nothing';
    assert.equal(sniffFormat(Buffer.from(text)), null, text);
    assert.ok(saw.includes(what), `${text}: ${saw}`);
    assert.ok(!/Zo|Ann|hi|general|Mar/.test(saw.replace('which', '').replace('digit', '')), saw);
  }
});

test('takes prose for plain text, whatever it begins with', () => {
  for (const text of [
    '[laughs] What a day.\nYes.\n',
    '{sighs} What a day.\n',
    '<3 you all\n<b> is a tag\n',
    '[1] Smith, On Chats.\n[2] Jones, More Chats.\n',
    '1.\nOnce upon a time\n\n2.\nThe end\n',
    'It was 5 Mar 2019.\nAt 15:42 she wrote to him.\nHe waited.\nNothing came.\nNo.\nYes.\n',
    '12.03.2019\nWe went out.\n\n13.03.2019\nRain.\n\n14.03.2019\nRain again.\n',
    '"Hi", he said.\n"Ho", she said.\n',
  ])
    assert.deepEqual([sniffFormat(Buffer.from(text)), describeUnrecognized(Buffer.from(text))], ['text', null], text);
  assert.equal(sniffFormat(Buffer.from('date,name,text\n2019-03-05 15:42,Ann,hi\n2019-03-05 15:43,Ben,ho\n')), 'csv');
});

test('takes a log for one however long its messages are', () => {
  const verse = 'a line of a long poem\n'.repeat(30);
  for (const head of ['5/3/19, 15:42 - Zoë: hi\n', '[05.03.19, 15:42:07] Zoë: hi\n', '05.03.19 à 15:42 - Zoë: hi\n'])
    assert.equal(sniffFormat(Buffer.from(head + verse)), 'whatsapp', head);
});

test('reads no file named like data as plain text', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.csv': 'from,text\nAnn,hi\n', 'b.tsv': 'Ann\thi\n', 'c.json': '"hi"\n', 'd.html': 'hi\n' });
  const formats = ['a.csv', 'b.tsv', 'c.json', 'd.html'].map((name) => likelyFormat(join(dir, name)));
  assert.deepEqual(await Promise.all(formats), ['csv', 'csv', null, null]);
});

test('refuses what it does not recognize, and says what would help', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.json': '{"posts": [{"by": "Ann"}]}', 'b/a.html': '<html></html>' });
  const errorOf = (name: string, format = 'auto') =>
    ingestFrom(dir, format, join(dir, name), name).then(
      () => 'read',
      (error: StageInputError) => `${error.message}; ${error.hint}`,
    );
  assert.match(await errorOf('a.json'), /^cannot detect the format of a\.json: it looks like JSON of .*format: jsonl/);
  assert.match(await errorOf('./b'), /^cannot detect the format of \.\/b: it looks like HTML/);
  assert.match(await errorOf('a.json', 'telegram'), /no conversations in a\.json.*it looks like JSON of a shape/);
});

test('refuses a folder of mixed formats, and reads the files of the format that is asked for', async (t) => {
  const dir = tempDir(t);
  const filesOf = (wanted: string) => CHAT_CORPORA.find(({ name }) => name === wanted)!.files;
  const android = filesOf('whatsapp android')['a.txt']!;
  const ann = { 'messages/inbox/ann_1/message_1.json': '{"participants": [], "messages": []}' };
  const folders: Record<string, Record<string, string | Buffer>> = {
    'two apps': { 'a.txt': android, ...filesOf('telegram chat') },
    'same ending': { 'a.txt': android, 'b.txt': filesOf('signal')['a.txt']! },
    'with prose': { 'a.txt': android, 'b.txt': 'Once upon a time\n' },
    'with unknown JSON': { 'a.txt': android, 'b.json': '{"posts": []}' },
    'with a table': { 'a.txt': android, ...filesOf('csv') },
    'Messenger and WhatsApp': { ...ann, 'a.txt': android },
    'Messenger and Instagram': {
      ...ann,
      'your_instagram_activity/messages/inbox/ben_2/message_1.json': '{"participants": [], "messages": []}',
    },
    'in a zip': { 'x.zip': filesOf('whatsapp iphone')['chat.zip']!, ...filesOf('telegram chat') },
  };
  for (const [name, files] of Object.entries(folders)) {
    writeFiles(join(dir, name), files);
    await assert.rejects(
      ingestFrom(dir, 'auto', join(dir, name), name),
      (error: StageInputError) =>
        error instanceof StageInputError && /holds more than one format: 1 file of format /.test(error.message),
      name,
    );
    assert.notEqual(await likelyFormat(join(dir, name)), null);
  }
  await ingestFrom(dir, 'whatsapp', join(dir, 'two apps'));
  writeFiles(join(dir, 'fine'), {
    'a.txt': android,
    'empty.txt': '',
    '._b.txt': 'x',
    'photo.jpg': 'x',
    'a.html': '<p>',
  });
  await ingestFrom(dir, 'auto', join(dir, 'fine'));
});

test('says that valid JSON is of another shape, and that an empty folder is empty', async (t) => {
  const dir = tempDir(t);
  const day = [{ type: 'message', ts: '1675108140.000200', user: 'U1', text: 'hi' }];
  writeFiles(dir, {
    'slack/general/2023-01-30.json': JSON.stringify(day),
    'none/empty.txt': '',
    'hidden/.DS_Store': 'x',
  });
  mkdirSync(join(dir, 'new'));
  const errorOf = (format: string, name: string) =>
    ingestFrom(dir, format, join(dir, name), `./${name}`).then(
      () => 'read',
      (error: StageInputError) => `${error.message}; ${error.hint}`,
    );
  const slack = await errorOf('discord', 'slack');
  assert.match(slack, /it has no list "messages"; it looks like `format: slack`/);
  assert.doesNotMatch(slack, /not valid JSON/);
  for (const format of ['auto', 'whatsapp', 'messenger']) {
    assert.match(await errorOf(format, 'new'), /^\.\/new is an empty folder; set `source`/);
    assert.match(await errorOf(format, 'hidden'), /^\.\/hidden is an empty folder/);
    assert.match(await errorOf(format, 'none'), /^\.\/none is a folder of empty files/);
  }
  assert.match(await errorOf('auto', 'none/empty.txt'), /is an empty file/);
});
