import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  answersFiles,
  AnswersError,
  finalAnswers,
  isStopped,
  parseAnswers,
  readAnswers,
  type Answer,
} from '../../src/judging/answers.ts';
import { openAnswersFile, type AnswersFile } from '../../src/judging/answers-file.ts';
import { answersFileOf } from '../../src/judging/judge-name.ts';
import { temporaryDir } from '../kit/temporary.ts';

const QUESTIONS = '12'.repeat(32);
const answer = (id: string, chose: Answer['chose'] = 'left'): Answer => ({
  id,
  shown: 'ab',
  chose,
  known: chose === null,
  ms: 900,
  at: '2026-11-30T12:00:00.000Z',
});

function open(dir: string, { judge = 'ann', questions = QUESTIONS } = {}): AnswersFile {
  const file = openAnswersFile(dir, { judge, questions, order: 7 });
  if ('heldBy' in file) throw new Error(`held by ${file.heldBy.pid}`);
  return file;
}

function withAnswers(dir: string, ids: string[]): string {
  const file = open(dir);
  file.begin(false);
  for (const id of ids) file.append(answer(id));
  file.close();
  return file.path;
}

test('answers are kept in summed lines, which only their owner may read', (context) => {
  const dir = join(temporaryDir(context), 'judgements', 'my-chats');
  const path = withAnswers(dir, ['q001', 'q002']);
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.match(
    lines[0]!,
    /^\{"answers":"chat-runner\/answers\/1","questions":"(12){32}","judge":"ann","tookPart":false,"order":7,"sum":"[0-9a-f]{8}"\}$/,
  );
  assert.match(
    lines[1]!,
    /^\{"id":"q001","shown":"ab","chose":"left","known":false,"ms":900,"at":"[^"]*","sum":"[0-9a-f]{8}"\}$/,
  );
  assert.equal(statSync(path).mode & 0o077, 0);
  assert.equal(statSync(dir).mode & 0o077, 0);
  const again = open(dir);
  assert.equal(again.header?.judge, 'ann');
  assert.equal(again.records.length, 2);
  again.close();
});

test('whatever byte a write stops at, all answers before it are kept, and the next one is whole', (context) => {
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001', 'q002', 'q003']);
  const whole = readFileSync(path);
  for (let size = 0; size <= whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size));
    const newlines = whole.subarray(0, size).filter((byte) => byte === 10).length;
    const isWholeLine = whole[size] === 10; // only the newline is missing
    const lines = newlines + (isWholeLine ? 1 : 0);
    const file = open(dir);
    assert.equal(file.records.length, Math.max(0, lines - 1), `${size} bytes`);
    assert.equal(file.header === null, lines === 0);
    if (file.header === null) file.begin(false);
    file.append(answer('q004', 'right'));
    file.close();
    const read = readAnswers(dir, 'ann.jsonl')!;
    assert.deepEqual(read.damaged, []);
    assert.equal(finalAnswers(read.records).at(-1)?.id, 'q004');
    assert.equal(read.records.length, Math.max(0, lines - 1) + 1);
  }
});

test('bytes that are no text after the last answer take no answer with them', (context) => {
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001', 'q002', 'q003']);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(20, 0xff)]));
  const file = open(dir);
  assert.equal(file.records.length, 3);
  file.append(answer('q004', 'right'));
  file.close();
  const read = readAnswers(dir, 'ann.jsonl')!;
  assert.deepEqual([read.records.length, read.damaged], [4, []]);
});

test('the last answer to a question counts, unless it was taken back', () => {
  const records = [
    answer('q1'),
    answer('q2'),
    { undo: 'q2' },
    answer('q2', 'right'),
    answer('q1', null),
    { undo: 'q9' },
    answer('q3'),
    { undo: 'q3' },
  ];
  assert.deepEqual(
    finalAnswers(records).map(({ id, chose }) => [id, chose]),
    [
      ['q2', 'right'],
      ['q1', null],
    ],
  );
});

test('a damaged line does not count, and is named; without the first line nothing can be read', (context) => {
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001', 'q002', 'q003']);
  const lines = readFileSync(path, 'utf8').split('\n');
  const flipped = (line: number): string =>
    lines
      .map((text, index) => (index === line ? text.replace('"left"', '"righ"').replace('"ann"', '"bob"') : text))
      .join('\n');
  writeFileSync(path, flipped(2));
  const file = open(dir);
  assert.deepEqual(file.damaged, [3]);
  assert.deepEqual(
    finalAnswers(file.records).map(({ id }) => id),
    ['q001', 'q003'],
  );
  file.close();
  assert.equal(readFileSync(path, 'utf8'), flipped(2), 'nothing is repaired by guessing');
  writeFileSync(path, flipped(0));
  assert.throws(() => open(dir), /^AnswersError: is damaged in line 1/);
  assert.equal(readFileSync(path, 'utf8'), flipped(0));
});

test('answers to other questions are refused with both digests, and left alone', (context) => {
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001']);
  const before = readFileSync(path, 'utf8');
  assert.throws(() => open(dir, { questions: '34'.repeat(32) }), {
    name: 'AnswersError',
    message: /^answers another test: questions 121212121212, not 343434343434\. /,
  });
  assert.equal(readFileSync(path, 'utf8'), before);
  open(dir).close(); // the lock was given back
});

test("somebody else's file is never touched", (context) => {
  const dir = temporaryDir(context);
  for (const text of ['hello', 'hello\n', '{"answers":"chat-runner/answers/2"}\n', '{"x":1}\n', '{"answers"', '\n']) {
    writeFileSync(join(dir, 'ann.jsonl'), text);
    if (text === '{"answers"') open(dir).close();
    else {
      assert.throws(() => open(dir), AnswersError, text);
      assert.equal(readFileSync(join(dir, 'ann.jsonl'), 'utf8'), text);
    }
  }
});

test('a second process on the same judge is told who has the file', (context) => {
  const dir = temporaryDir(context);
  const file = open(dir);
  const second = openAnswersFile(dir, { judge: 'ann', questions: QUESTIONS, order: 7 });
  assert.deepEqual('heldBy' in second && second.heldBy.pid, process.pid);
  open(dir, { judge: 'bob' }).close();
  file.close();
  open(dir).close();
  assert.deepEqual(existsSync(join(dir, 'ann.lock')), false);
});

test('only files of answers are read, in order; a missing folder holds none', (context) => {
  const dir = temporaryDir(context);
  assert.deepEqual(answersFiles(join(dir, 'none')), []);
  withAnswers(dir, []);
  writeFileSync(join(dir, 'Zoë.jsonl'), '');
  mkdirSync(join(dir, 'x.jsonl'));
  writeFileSync(join(dir, 'notes.txt'), '');
  assert.deepEqual(answersFiles(dir), ['Zoë.jsonl', 'ann.jsonl']);
  assert.equal(readAnswers(dir, 'Zoë.jsonl'), null, 'not begun');
  open(dir, { judge: 'Bo' }).close();
  assert.deepEqual(answersFiles(dir).length, 2, 'who has only looked leaves no file');
});

test('what follows the end of the test does not count, and damage to the end does not open it again', (context) => {
  assert.deepEqual(
    finalAnswers([answer('q1'), { stopped: 1 }, answer('q2'), { undo: 'q1' }]).map(({ id }) => id),
    ['q1'],
  );
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001', 'q002']);
  const file = open(dir);
  file.append({ stopped: 2 });
  file.close();
  writeFileSync(path, readFileSync(path, 'utf8').replace('"stopped":2', '"stopped":3'));
  const read = readAnswers(dir, 'ann.jsonl')!;
  assert.deepEqual([read.damaged, isStopped(read.records)], [[4], true]);
});

test('one judge has one file, however the name is written', (context) => {
  const dir = temporaryDir(context);
  const composed = 'Zo\u00eb';
  const file = open(dir, { judge: composed });
  file.begin(false);
  file.close();
  const again = open(dir, { judge: 'Zoe\u0308' });
  assert.equal(again.header?.judge, composed);
  again.close();
  assert.throws(() => open(dir, { judge: 'ZO\u00cb' }), /would be a second file beside Zo\u00eb\.jsonl/);
  renameSync(join(dir, `${composed}.jsonl`), join(dir, 'Zoe\u0308.jsonl')); // as some systems do
  const moved = open(dir, { judge: composed });
  assert.equal(moved.header?.judge, composed);
  moved.close();
  copyFileSync(join(dir, 'Zoe\u0308.jsonl'), join(dir, 'Bob.jsonl'));
  assert.throws(() => open(dir, { judge: 'Bob' }), /has the name of another judge than its first line/);
  assert.deepEqual(answersFiles(dir), ['Bob.jsonl', 'Zoe\u0308.jsonl'], 'nothing was added');
});

test('a link that leads nowhere is no empty folder, and a file that is one is not named', (context) => {
  const dir = temporaryDir(context);
  symlinkSync(join(dir, 'nowhere'), join(dir, 'link'));
  for (const path of [join(dir, 'link'), join(dir, 'link', 'deeper')])
    assert.throws(() => answersFiles(path), {
      name: 'AnswersFolderError',
      message: /link is a link that leads nowhere/,
    });
  const judgements = join(dir, 'judgements');
  withAnswers(judgements, []);
  symlinkSync(dir, join(judgements, 'Folder.jsonl'));
  writeFileSync(join(judgements, '._ann.jsonl'), 'Mac OS X');
  assert.deepEqual(answersFiles(judgements), ['ann.jsonl']);
  symlinkSync(join(dir, 'nowhere'), join(judgements, 'Bob Miller.jsonl'));
  assert.throws(
    () => answersFiles(judgements),
    ({ message }: Error) => /^file 1 of 3 in .*, by name, is a link/.test(message) && !message.includes('Miller'),
  );
});

test('a judge has a name that can be a file', () => {
  for (const name of ['ann', 'Ann Lee', 'Zoë', '李雷', 'a.b-c_d', '7'])
    assert.equal(answersFileOf(name), `${name}.jsonl`);
  for (const name of ['', '.', '..', '../x', 'a/b', '-x', ' x', '🦆', 'a\nb', 'x'.repeat(61)])
    assert.equal(answersFileOf(name), null, JSON.stringify(name));
});

test('a write that fails leaves the file as it was', (context) => {
  const dir = temporaryDir(context);
  const path = withAnswers(dir, ['q001']);
  appendFileSync(path, '{"id":"q0');
  const file = open(dir);
  assert.equal(file.cut, 9);
  file.close();
  assert.throws(() => file.append(answer('q002')), /EBADF/);
  assert.equal(file.records.length, 1, 'what is not on disk is not answered');
  truncateSync(path, 10);
  assert.equal(parseAnswers(readFileSync(path)), null);
});
