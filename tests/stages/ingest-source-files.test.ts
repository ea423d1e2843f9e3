import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestSource } from '../../src/store/sources/digest.ts';
import { sourceFiles } from '../../stages/ingest/source-files.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('lists all files of an export except images, video, audio and PDFs', async (t) => {
  const dir = temporaryDir(t);
  const put = (path: string, text = path): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const digest = (): Promise<string> => digestSource(dir, sourceFiles('source', dir));
  for (const path of [
    'messages/inbox/ann_1/message_1.json',
    'messages/inbox/ann_1/photos/1.jpg',
    'part-2.zip',
    'log without an ending',
  ])
    put(path);
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

test('returns null for a file, stops at a loop of links, and leaves out dangling links', (t) => {
  const dir = temporaryDir(t);
  writeFileSync(join(dir, 'a.json'), '');
  assert.equal(sourceFiles('source', join(dir, 'a.json')), null);
  symlinkSync('.', join(dir, 'round'));
  symlinkSync('missing', join(dir, 'dangling'));
  assert.deepEqual(sourceFiles('source', dir), ['a.json']);
});

test(
  'leaves out an unreadable subfolder, but throws if the source itself is unreadable',
  { skip: process.getuid?.() !== 0 && 'needs root, to switch to another user' },
  (t) => {
    const dir = temporaryDir(t);
    chmodSync(dir, 0o755);
    mkdirSync(join(dir, 'shut'));
    for (const path of ['a.json', 'shut/b.json']) writeFileSync(join(dir, path), '');
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
