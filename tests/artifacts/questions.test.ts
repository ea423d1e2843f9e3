import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  digestOfBlindTest,
  readBlindTest,
  readQuestions,
  writeBlindTest,
  type BlindTest,
} from '../../src/artifacts/questions.ts';
import { blindTest } from '../kit/blind-test.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('a blind test is read as it was written, and its digest depends on questions and key', (t) => {
  const dir = temporaryDir(t);
  const written: BlindTest = blindTest();
  writeBlindTest(dir, written);
  assert.deepEqual(readBlindTest(dir), written);
  assert.deepEqual(readQuestions(dir), written.questions);
  const digest = digestOfBlindTest(dir);
  assert.match(digest, /^[0-9a-f]{64}$/);
  appendFileSync(join(dir, 'key.jsonl'), '\n');
  assert.notEqual(digestOfBlindTest(dir), digest);
});

test('damaged files are named, with the line, and nothing of their text', (t) => {
  const dir = temporaryDir(t);
  writeBlindTest(dir, blindTest());
  const questions = readFileSync(join(dir, 'questions.jsonl'), 'utf8');
  const given = (file: string, text: string): void => writeFileSync(join(dir, file), text);

  given('questions.jsonl', questions.slice(0, -5));
  assert.throws(() => readBlindTest(dir), /questions\.jsonl is incomplete/);
  given('questions.jsonl', questions.replace('"design":"pair"', '"design":"secret"'));
  assert.throws(
    () => readBlindTest(dir),
    (error: Error) =>
      /questions\.jsonl, line 1, is not of a blind test/.test(error.message) && !/secret/.test(error.message),
  );
  given('questions.jsonl', questions.replace('"q001"', '"q009"'));
  assert.throws(() => readBlindTest(dir), /key\.jsonl is not the key of questions\.jsonl/);
  given('questions.jsonl', '');
  assert.throws(() => readBlindTest(dir), /is not the key/);
});
