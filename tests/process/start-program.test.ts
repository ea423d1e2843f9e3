import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProgram } from '../../src/process/start-program.ts';
import { startLocalProcess } from '../../src/run/executor/local-process.ts';
import type { StageFailure } from '../../src/store/spec.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('signals that the system refuses do not end our process', async () => {
  const { child, ended } = startProgram('/bin/cat', [], { env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
  // what Node does when the program belongs to another user
  for (let n = 0; n < 3; n++) child.emit('error', Object.assign(new Error('kill EPERM'), { code: 'EPERM' }));
  child.stdin!.end();
  assert.deepEqual(await ended, { exitCode: 0, signal: null, error: null });
});

test('a program that cannot be started is reported, however the system refuses it', async (context) => {
  const dir = temporaryDir(context);
  const codeOf = async (program: string, ...args: string[]) =>
    (await startProgram(program, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] }).ended).error?.code;
  assert.equal(await codeOf(join(dir, 'nothing')), 'ENOENT');
  assert.equal(await codeOf(dir), 'EACCES');
  assert.equal(await codeOf('/bin/true', 'x'.repeat(1 << 20)), 'E2BIG');
  assert.equal(await codeOf('/bin/true', 'a\0b'), 'ERR_INVALID_ARG_VALUE');
});

test('a stage process that cannot be started fails for that reason, not for want of words', async (context) => {
  const workDir = temporaryDir(context);
  process.env['TOO_LONG'] = 'x'.repeat(1 << 20);
  context.after(() => delete process.env['TOO_LONG']);
  const { ended } = await startLocalProcess({ cliPath: 'cli.js', specPath: 'spec.json', workDir, gpus: [], memory: 0 });
  assert.equal(await ended, 'failed');
  const failure = JSON.parse(readFileSync(join(workDir, 'failure.json'), 'utf8')) as StageFailure;
  assert.equal(failure.message, 'the process of this stage could not be started: E2BIG');
});
