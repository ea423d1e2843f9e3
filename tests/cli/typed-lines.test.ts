import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { typedLines } from '../../src/cli/use/typed-lines.ts';

function keyboard() {
  const input = new PassThrough();
  return { input, typed: typedLines(createInterface({ input })) };
}

test('lines that were pasted together come together; what is typed while nobody waits is kept', async () => {
  const { input, typed } = keyboard();
  input.write('one\ntwo\n');
  assert.deepEqual(await typed.next(), ['one', 'two']);
  input.write('early\n');
  await sleep(100); // the model is answering
  input.write('later\n');
  assert.deepEqual(await typed.next(), ['early', 'later']);
});

test('the input may end while nobody waits', async () => {
  const { input, typed } = keyboard();
  input.end('last');
  await sleep(100);
  assert.deepEqual(await typed.next(), ['last']);
  assert.equal(await typed.next(), null);
});
