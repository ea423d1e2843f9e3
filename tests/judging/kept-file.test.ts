import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { keepFile, NotSaved } from '../../src/judging/kept-file.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** A file with two lines. */
function begun(context: TestContext) {
  const top = temporaryDir(context);
  const dir = join(top, 'answers');
  const path = join(dir, 'ann.jsonl');
  const kept = keepFile(path, null);
  kept.append('one\n');
  kept.append('two\n');
  return { top, dir, path, kept };
}

test('a file that another program removes is written again, and nobody is told that the line is saved', (context) => {
  const { dir, path, kept } = begun(context);
  for (const remove of [() => rmSync(path), () => rmSync(dir, { recursive: true })]) {
    const before = readFileSync(path, 'utf8');
    remove();
    assert.throws(() => kept.append('lost\n'), {
      name: 'NotSaved',
      message:
        /removed or changed ann\.jsonl\. Your earlier answers are in it again\. Please answer this question again/,
    });
    assert.equal(readFileSync(path, 'utf8'), before);
    kept.append('more\n');
    assert.equal(readFileSync(path, 'utf8'), `${before}more\n`);
    assert.equal(statSync(path).mode & 0o077, 0);
    assert.equal(statSync(dir).mode & 0o077, 0);
  }
  kept.close();
});

test('a file that an editor replaces by an older or another one: what is there is kept beside it', (context) => {
  const { dir, path, kept } = begun(context);
  const saved = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  saved('one\n');
  assert.throws(() => kept.append('lost\n'), NotSaved);
  assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(dir)], ['one\ntwo\n', ['ann.jsonl']]);
  writeFileSync(path, 'one\n'); // in its place, as some editors do
  assert.throws(() => kept.append('lost\n'), /and what was there is now ann\.jsonl\.replaced-1/);
  saved('one\nother\n');
  assert.throws(() => kept.append('lost\n'), /and what was there is now ann\.jsonl\.replaced-2/);
  assert.equal(readFileSync(`${path}.replaced-2`, 'utf8'), 'one\nother\n');
  rmSync(path);
  mkdirSync(path);
  assert.throws(() => kept.append('lost\n'), /and what was there is now ann\.jsonl\.replaced-3/);
  kept.append('three\n');
  kept.close();
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
});

test('while the file cannot be written again, its lines stay in memory; at the end they go where there is room', (context) => {
  const { dir, path, kept } = begun(context);
  renameSync(dir, `${dir}-moved`);
  symlinkSync('nowhere', dir);
  for (let times = 0; times < 2; times++)
    assert.throws(() => kept.append('lost\n'), /cannot be written again: .*\. Your earlier answers are kept in memory/);
  rmSync(dir);
  assert.throws(() => kept.append('lost\n'), /Your earlier answers are in it again/);
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
  rmSync(dir, { recursive: true });
  symlinkSync('nowhere', dir);
  let rescued = '';
  assert.throws(
    () => kept.close(),
    ({ message }: Error) => {
      rescued = /Its answers are now in (\S+)$/.exec(message)![1]!;
      return true;
    },
  );
  assert.equal(readFileSync(rescued, 'utf8'), 'one\ntwo\n');
  rmSync(rescued);
});

test('a file that is removed after the last line is there again at the end', (context) => {
  const { path, kept } = begun(context);
  rmSync(path);
  kept.close();
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
});

test('a file that appeared meanwhile is not touched', (context) => {
  const path = join(temporaryDir(context), 'ann.jsonl');
  const kept = keepFile(path, null);
  writeFileSync(path, 'theirs\n');
  assert.throws(() => kept.append('one\n'), /could not be written: EEXIST/);
  kept.close();
  assert.equal(readFileSync(path, 'utf8'), 'theirs\n');
  assert.equal(existsSync(`${path}.replaced-1`), false);
});
