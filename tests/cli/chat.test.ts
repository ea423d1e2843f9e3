import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { classOfLabel } from '../../src/tokenizer/token-labels.ts';
import { finishedRun } from '../kit/finished-run.ts';
import { runJson, startRunner, writeExport, writePipeline, type RunJson } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

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

test(
  '--recite finds what a reply has from the training text, and changes nothing of the chat',
  { timeout: 240_000 },
  async (context) => {
    const dir = temporaryDir(context);
    const runs = join(dir, 'runs');
    writeExport(join(dir, 'export'), 40, (index) => (index % 2 === 0 ? RECITED : 'fine'));
    const file = writePipeline(join(dir, 'tiny.yaml'), './export', {
      'steps: 30': 'steps: 80',
      'validation: 0.3': 'validation: 0',
      'validateEvery: 10': 'validateEvery: 0',
    });
    const texts = textTokens(await runJson([file, 'model'], runs));
    const { encode } = openTokenizer(defaultTokenizer);
    const chat = (args: string[], input = '') => startRunner(['chat', 'latest', ...args], runs, {}, input).ended;
    for (const [temperature, recites] of [
      ['0.1', true],
      ['5', false],
    ] as const) {
      const settings = ['--as', 'Mira', '--with', 'Ana', '--temperature', temperature];
      const input = 'fine\n/again\n/undo\nnews?\n';
      const plain = await chat(settings, input);
      assert.doesNotMatch(plain.stderr, /in a row/);
      const saved = join(dir, `${temperature}.jsonl`);
      const recited = await chat([...settings, '--recite', '--save', saved], input);
      assert.deepEqual([recited.code, recited.stdout], [0, plain.stdout], recited.stderr);
      const replies = repliesIn(readFileSync(saved, 'utf8'));
      assert.equal(replies.length, 3);
      for (const { lines, recited } of replies)
        assert.equal(recited, longestShared(texts, encode(lines.map((line) => ` ${line}\n`).join(''))));
      assert.ok(
        replies.every(({ recited }) => recited >= 12 === recites),
        JSON.stringify(replies),
      );
      const marks = replies.map(({ recited }) => `(${recited} tokens in a row are from the training text)`);
      assert.deepEqual(recited.stderr.match(/^.* in a row .*$/gm), recites ? marks : null);

      const again = join(dir, `${temperature}-again.jsonl`);
      const replayed = await chat(['--replay', saved, '--save', again]);
      assert.equal(replayed.stdout.replace(/^Mira: .*\n/gm, ''), plain.stdout);
      assert.equal(readFileSync(again, 'utf8'), readFileSync(saved, 'utf8'));
      assert.deepEqual(replayed.stderr.match(/^.* in a row .*$/gm), recites ? marks : null);
    }
    const eliza = await startRunner(['chat', 'eliza', '--recite'], runs).ended;
    assert.match(eliza.stderr, /--recite is for a model; ELIZA has no choice/);
  },
);

/** Each word suggests the next one. */
const RECITED = 'we sat by the old sea and said very little about what comes after winter';

/** The training text without its names. */
function textTokens({ dir, stages }: RunJson): number[] {
  const { artifact } = stages.find(({ name }) => name === 'tokens')!;
  const tokens = openTokens(join(dir, '..', 'store', 'artifacts', artifact!));
  const { read, labels, tokens: length } = tokens.split('train');
  const classes = Array.from(labels(0, length), classOfLabel);
  const ids = [...read(0, length)].filter((_, i) => classes[i] !== 'name');
  tokens.close();
  return ids;
}

function repliesIn(saved: string): { lines: string[]; recited: number }[] {
  const records = saved
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { input?: object; text?: string; recited?: number });
  let lines: string[] = [];
  return records.flatMap(({ input, text, recited }) => {
    if (input !== undefined) lines = [];
    if (text !== undefined) lines.push(text);
    return recited === undefined ? [] : [{ lines, recited }];
  });
}

/** By looking at every pair of places; below 8 it is 0. */
function longestShared(a: number[], b: number[]): number {
  let longest = 0;
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < b.length; j++) {
      let length = 0;
      while (j + length < b.length && a[i + length] === b[j + length]) length++;
      longest = Math.max(longest, length);
    }
  return longest < 8 ? 0 : longest;
}

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
