import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture, runProgram } from '../../src/process/program.ts';
import { startProgram } from '../../src/process/start-program.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const sh = (script: string): string[] => ['-c', script];
const env = { PATH: process.env['PATH'] };

test('runs a program and returns its output and its exit code, or the signal that ended it', async (context) => {
  const cwd = realpathSync(temporaryDir(context));
  const done = await runProgram('sh', sh('pwd; echo é >&2; exit 3'), { env, cwd });
  assert.deepEqual(done, { exitCode: 3, signal: null, error: null, stdout: `${cwd}\n`, stderr: 'é\n' });
  const killed = await runProgram('sh', sh('kill -9 $$'), { env });
  assert.deepEqual([killed.exitCode, killed.signal, killed.error], [null, 'SIGKILL', null]);
  const slow = await runProgram('sleep', ['60'], { env, timeoutMs: 100 });
  assert.deepEqual([slow.exitCode, slow.signal, slow.error], [null, 'SIGTERM', null]);
});

test('returns the error of a program that cannot be started, without throwing', async () => {
  const { exitCode, signal, error } = await runProgram('/no/such/program', [], { env });
  assert.deepEqual([exitCode, signal, error?.code], [null, null, 'ENOENT']);
  assert.deepEqual(await capture('/no/such/program', [], env), { ok: false, text: 'spawn /no/such/program ENOENT' });
});

test('a program gets only the given environment and nothing from ours', async () => {
  process.env['RUNNER_TEST_OURS'] = 'ours';
  const { stdout } = await runProgram('env', [], { env: { ...env, THEIRS: 'theirs' } });
  delete process.env['RUNNER_TEST_OURS'];
  assert.match(stdout, /^THEIRS=theirs$/m);
  assert.doesNotMatch(stdout, /RUNNER_TEST_OURS/);
});

test('`capture` joins both output streams in one text and reports each line', async () => {
  const lines: string[] = [];
  const { ok, text } = await capture('sh', sh('echo one; echo two >&2'), env, (line) => lines.push(line));
  assert.equal(ok, true);
  assert.deepEqual(text.split('\n').sort(), ['', 'one', 'two']);
  assert.deepEqual(lines.filter(Boolean).sort(), ['one', 'two']);
});

test('a program that was asked to end has time to save', async (context) => {
  const path = join(temporaryDir(context), 'saved');
  const { child, ended } = startProgram(
    'sh',
    sh(`trap 'sleep 5.5; echo yes > ${path}; exit 7' TERM; echo ready; while :; do sleep 0.05; done`),
    {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  assert.equal((await ended).exitCode, 7);
  assert.equal(readFileSync(path, 'utf8'), 'yes\n');
});

test('a detached program leads its own process group', async (context) => {
  const path = join(temporaryDir(context), 'done');
  const { child } = startProgram(
    'sh',
    sh(`ps -o pgid= -p $$ | tr -d ' ' > ${path}.group; mv ${path}.group ${path}; sleep 30`),
    {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  );
  child.unref();
  await eventually('its group is known', () => existsSync(path));
  assert.equal(Number(readFileSync(path, 'utf8')), child.pid);
  process.kill(-child.pid!, 'SIGKILL');
});

test('a program that cannot be started ends with the reason, and takes no signals', async (context) => {
  // Node would send them to our own process group.
  const heard: string[] = [];
  const hear = (): void => void heard.push('SIGTERM');
  process.on('SIGTERM', hear);
  context.after(() => process.off('SIGTERM', hear));
  for (const [program, argument, code] of [
    ['/no/such/program', 'x', 'ENOENT'],
    ['sh', 'x'.repeat(3_000_000), 'E2BIG'],
    ['sh', 'zero\0byte', 'ERR_INVALID_ARG_VALUE'],
  ] as const) {
    const { child, ended } = startProgram(program, [argument], { env, stdio: ['ignore', 'ignore', 'ignore'] });
    assert.equal(child.kill(), false);
    const { error, ...end } = await ended;
    assert.deepEqual([child.pid, error?.code, end], [undefined, code, { exitCode: null, signal: null }]);
  }
  await sleep(50);
  assert.deepEqual(heard, []);
});
