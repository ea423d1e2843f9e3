import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedRun, finishedStore } from '../kit/finished-run.ts';
import { runRunner, startRunner, writePipeline } from '../kit/runner.ts';

const SETTINGS = ['--temperature', '0.8', '--top-k', '20', '--max-tokens', '8'];

test('sample writes the text of a sample stage with the same params, and the same bytes each time', async (context) => {
  const { runs, first } = await finishedRun(context);
  const [stage] = lines(readFileSync(join(first.dir, 'stages', 'samples', 'samples.jsonl'), 'utf8'));
  const seed = ['--seed', String(stage!['seed'])];
  const asJson = await runRunner(['sample', 'latest', '--prompt', 'Mira:', ...SETTINGS, ...seed, '--json'], runs);
  assert.deepEqual(lines(asJson.stdout), [stage]);
  const shown = await runRunner(['sample', 'latest/model', '--prompt', 'Mira:', ...SETTINGS, ...seed], runs);
  assert.deepEqual([shown.code, shown.stdout], [0, `${stage!['prompt']}${stage!['text']}\n`]);
  assert.match(shown.stderr, /\/model: best weights, \d+ steps\n$/);
});

test('several texts are separated; each has its own seed; a stop string ends a text; a prompt may come from a pipe', async (context) => {
  const { runs } = await finishedRun(context);
  const started = startRunner(
    ['sample', 'latest', '--prompt', '-', '--count', '3', '--stop', '\n', ...SETTINGS],
    runs,
    {},
    'Mira: tea\nBo:\n',
  );
  const { stdout, code } = await started.ended;
  assert.equal(code, 0);
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.startsWith('---')),
    [1, 2, 3].map((number) => `--- ${number} of 3, seed ${1336 + number}`),
  );
  assert.equal(stdout.match(/^Mira: tea$/gm)?.length, 3);
  const texts = stdout.split(/^--- .*\n/m).slice(1);
  for (const text of texts) assert.match(text, /^Mira: tea\nBo:[^\n]*\n\n?$/);
});

test('a training that was paused, or is running, can be sampled too', { timeout: 120_000 }, async (context) => {
  const { dir, runs } = await finishedStore(context);
  const file = writePipeline(join(dir, 'tiny.yaml'), './export', {
    'steps: 30': 'steps: 24',
    'checkpointEvery: 5': 'checkpointEvery: 5, pauseAt: 7',
  });
  await runRunner(['run', file, 'model'], runs);
  const { code, stdout, stderr } = await runRunner(['sample', 'latest', '--prompt', 'Mira:', ...SETTINGS], runs);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Mira:/);
  assert.match(stderr, /\/model: newest weights, 7 steps/);
});

test('mistakes get one line that says what to do', async (context) => {
  const { runs, dir } = await finishedRun(context);
  const says = async (args: string[], pattern: RegExp, code = 2): Promise<void> => {
    const ended = await runRunner(['sample', ...args], runs);
    assert.deepEqual([ended.code, ended.stdout], [code, ''], args.join(' '));
    assert.match(ended.stderr, pattern);
    assert.doesNotMatch(ended.stderr, /\n {4}at /);
  };
  await says(['latest/modle'], /no stage "modle"; did you mean "model"\?/);
  await says(['latest/chat'], /stage "chat" of run \S+ has no weights; stages that have: model/);
  await says(
    ['latest', '--prompt', 'sea '.repeat(40)],
    /the prompt has 4\d tokens, but the model's context is 32 tokens/,
  );
  await says(['latest', '--temperature', 'hot'], /--temperature takes a number from 0 to 100, not "hot"/);
  await says(['latest', '--prompt', '-', '--prompt', '-'], /can be given once/);
  const store = await runRunner(['run', join(dir, 'tiny.yaml'), 'chat', '--set=stages.chat.params.timeZone=UTC'], runs);
  assert.equal(store.code, 0, store.stderr);
  await says(['latest'], /has no checkpoint yet/);
  assert.ok(existsSync(runs));
});

test('a name that nobody has, and a blank at the end, are pointed out', async (context) => {
  const { runs } = await finishedRun(context);
  const noted = await runRunner(['sample', 'latest', '--prompt', 'Mirra: ', ...SETTINGS], runs);
  assert.match(noted.stderr, /note +nobody in the training text is called "Mirra"; did you mean "Mira"\?/);
  assert.match(noted.stderr, /note +the prompt ends with a blank/);
  assert.equal(noted.code, 0);
});

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
