import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { finishedRun } from '../kit/finished-run.ts';
import { startRunner } from '../kit/runner.ts';
import { eventually } from '../kit/temporary.ts';

const WARM = ['--temperature', '1'];

test(
  'a chat through a pipe: the same input gives the same chat, and --replay writes a saved one again',
  { timeout: 120_000 },
  async (context) => {
    const { runs, dir } = await finishedRun(context);
    const chat = (args: string[], input = '') =>
      startRunner(['chat', 'latest', ...WARM, ...args], runs, {}, input).ended;
    const input = `${['tea', 'boats and rain', '/again', '/undo', 'the sea', '/more', '/edit a letter', 'maybe soon'].join('\n')}\n`;
    const saved = join(dir, 'chat.jsonl');
    const first = await chat(['--as', 'Mira', '--with', 'Ana', '--save', saved], input);
    assert.equal(first.code, 0, first.stderr);
    for (const line of first.stdout.trimEnd().split('\n')) assert.match(line, /^Ana: /);
    const second = await chat(['--as', 'Mira', '--with', 'Ana'], input);
    assert.equal(second.stdout, first.stdout);
    const replayed = await chat(['--replay', saved]);
    assert.equal(replayed.stdout.replace(/^Mira: .*\n/gm, ''), first.stdout);
    assert.equal(statSync(saved).mode & 0o777, 0o600);
    assert.match(first.stderr, /oldest lines? forgotten/);
  },
);

test('mistakes in a chat get one line, and the chat goes on', { timeout: 120_000 }, async (context) => {
  const { runs, dir } = await finishedRun(context);
  const chat = (args: string[], input: string) => startRunner(['chat', 'latest', ...args], runs, {}, input).ended;
  const wrong = await chat(['--with', 'Anna'], '');
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /nobody in the training text is called "Anna"; did you mean "Ana"\?/);
  assert.match((await chat(['--as', 'Mira', '--with', 'mira'], '')).stderr, /"Mira" cannot talk with themselves/);
  assert.match((await chat(['--clock', 'noon'], '')).stderr, /--clock takes a time such as/);
  const path = join(dir, 'there.jsonl');
  const { stderr, stdout, code } = await chat(
    ['--as', 'Mira', '--with', 'Bo'],
    [
      '/agian',
      '/self x',
      '/with Nobody',
      '/save /no/such/folder/x',
      'sea '.repeat(60),
      '/help',
      `/save ${path}`,
      '//hi',
      '/quit',
      'never',
    ].join('\n'),
  );
  assert.equal(code, 0);
  assert.match(stderr, /there is no command \/agian; did you mean \/again\?/);
  assert.match(stderr, /write \/self N/);
  assert.match(stderr, /nobody in the training text is called "Nobody"/);
  assert.match(stderr, /this message has \d+ tokens, but the model reads at most 24 at once: shorten it/);
  assert.match(stderr, /\/undo +take back/);
  assert.match(stdout, /^Bo: /);
  assert.ok(existsSync(path));
  assert.match(readFileSync(path, 'utf8'), /"messages":\["\/hi"\]/);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /never/);
});

test('a chat that is saved in the middle is saved from its start', { timeout: 120_000 }, async (context) => {
  const { runs, dir } = await finishedRun(context);
  const saved = join(dir, 'middle.jsonl');
  const partners = ['--as', 'Mira', '--with', 'Ana', ...WARM];
  const input = `tea\n/save ${saved}\n/as Ana\nboats\n`;
  const { stdout, stderr } = await startRunner(['chat', 'latest', ...partners], runs, {}, input).ended;
  assert.match(stderr, /Ana cannot talk with themselves/);
  const replayed = await startRunner(['chat', 'latest', '--replay', saved], runs).ended;
  assert.equal(replayed.stdout.replace(/^Mira: .*\n/gm, ''), stdout);
});

test(
  'a program at the other end of a pipe gets each answer before it writes on',
  { timeout: 120_000 },
  async (context) => {
    const { runs } = await finishedRun(context);
    const child = spawn(
      process.execPath,
      [join(projectRoot(), 'dist', 'cli.js'), 'chat', 'latest', '--as', 'Mira', '--with', 'Ana'],
      { env: { ...process.env, RUNNER_RUNS: runs, NO_COLOR: '1' }, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    context.after(() => child.kill());
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    for (const message of ['tea', 'the sea']) {
      output = '';
      child.stdin.write(`${message}\n`);
      await eventually('an answer', () => /^Ana: .*\n/.test(output), 60_000);
    }
    child.stdin.end();
    assert.deepEqual(await once(child, 'close'), [0, null]);
  },
);
