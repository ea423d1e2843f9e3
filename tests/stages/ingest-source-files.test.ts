import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestSource } from '../../src/store/sources/digest.ts';
import { sourceFiles } from '../../stages/ingest/source-files.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('of an export all counts but its photos, films and sounds', async (t) => {
  const dir = temporaryDir(t);
  const put = (place: string, text = place): void => {
    mkdirSync(join(dir, place, '..'), { recursive: true });
    writeFileSync(join(dir, place), text);
  };
  const digest = (): Promise<string> => digestSource(dir, sourceFiles('source', dir));
  for (const place of [
    'messages/inbox/ann_1/message_1.json',
    'messages/inbox/ann_1/photos/1.jpg',
    'part-2.zip',
    'log without an ending',
  ])
    put(place);
  assert.deepEqual(sourceFiles('source', dir)!.sort(), [
    'log without an ending',
    'messages/inbox/ann_1/message_1.json',
    'part-2.zip',
  ]);
  const before = await digest();
  for (const ending of ['JPEG', 'png', 'mp4', 'opus', 'pdf']) put(`messages/inbox/ann_1/photos/new.${ending}`);
  assert.equal(await digest(), before);
  put('messages/inbox/ann_1/message_1.json', 'something else');
  assert.notEqual(await digest(), before);
});

test('a file is itself; a loop of links ends; a link that leads nowhere is none', (t) => {
  const dir = temporaryDir(t);
  writeFileSync(join(dir, 'a.json'), '');
  assert.equal(sourceFiles('source', join(dir, 'a.json')), null);
  symlinkSync('.', join(dir, 'round'));
  symlinkSync('missing', join(dir, 'dangling'));
  const found = sourceFiles('source', dir)!;
  assert.ok(found.includes('a.json') && found.includes('round/a.json') && found.length < 50, String(found.length));
});

test(
  'a folder that may not be listed is left to the readers; the source itself is not',
  { skip: process.getuid?.() !== 0 && 'the test changes who it is' },
  (t) => {
    const dir = temporaryDir(t);
    chmodSync(dir, 0o755);
    mkdirSync(join(dir, 'shut'));
    for (const place of ['a.json', 'shut/b.json']) writeFileSync(join(dir, place), '');
    chmodSync(join(dir, 'shut'), 0o000);
    process.seteuid!(65534);
    try {
      assert.deepEqual(sourceFiles('source', dir), ['a.json']);
      assert.throws(() => sourceFiles('source', join(dir, 'shut')), /EACCES/);
    } finally {
      process.seteuid!(0);
    }
  },
);
