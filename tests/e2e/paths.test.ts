import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const stage = (source: string, more = ''): string =>
  `name: demo\nstages:\n  chat:\n    kind: ingest\n    params:\n      source: ${source}\n      format: jsonl\n${more}`;

test('~/ is the home folder in a pipeline, in use:, in --set, in arguments and in RUNNER_RUNS', async (context) => {
  const home = temporaryDir(context);
  mkdirSync(join(home, 'My Chats #1'));
  writeFileSync(join(home, 'My Chats #1', 'a.jsonl'), '{"turns": ["one", "two"]}\n');
  writeFileSync(join(home, 'rest.yaml'), 'splitAfterHours: 3\n');
  writeFileSync(join(home, 'p.yaml'), stage('"~/My Chats #1"', '      use: ~/rest.yaml\n'));
  const env = { HOME: home };
  const plan = await runRunner(['plan', '~/p.yaml'], '~/runs', env);
  assert.match(plan.stdout, /chat +ingest +due/, plan.stderr);
  const set = await runRunner(['plan', '~/p.yaml', '--set', 'stages.chat.params.source=~/My Chats #1'], '~/runs', env);
  assert.match(set.stdout, /chat +ingest +due/, set.stderr);
  writeFileSync(join(home, 'q.yaml'), stage('$HOME/chats'));
  assert.match(
    (await runRunner(['plan', join(home, 'q.yaml')], join(home, 'runs'))).stdout,
    /no file or folder "\$HOME\/chats": only ~\/ is replaced, not \$NAME or ~NAME/,
  );
  const gone = await runRunner(['plan', '~/p.yaml', '--set', 'stages.chat.params.source=~/gone'], '~/runs', env);
  assert.ok(gone.stdout.includes(`no file or folder "~/gone": looked for ${join(home, 'gone')}`), gone.stdout);
});

test('a device or a FIFO in place of a pipeline or of a used file is named, not read', async (context) => {
  const dir = temporaryDir(context);
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  for (const odd of ['/dev/zero', join(dir, 'fifo')]) {
    writeFileSync(join(dir, 'p.yaml'), stage('./x', `      use: ${odd}\n`));
    for (const file of [odd, join(dir, 'p.yaml')]) {
      const { code, stderr } = await runRunner(['plan', file], join(dir, 'runs'));
      assert.equal(code, 2);
      assert.match(stderr, /is not a regular file/);
    }
  }
  writeFileSync(join(dir, 'q.yaml'), stage('./fifo'));
  const { stdout } = await runRunner(['plan', join(dir, 'q.yaml')], join(dir, 'runs'));
  assert.match(stdout, /fifo is neither a file nor a folder/);
});

test('~/ is the home folder in RUNNER_WEIGHTS', async (context) => {
  const home = temporaryDir(context);
  const text = `name: demo
stages:
  chat: { kind: ingest, params: { source: ./x, format: jsonl } }
  tokens: { kind: tokenize, inputs: { conversations: chat } }
  model:
    kind: train
    inputs: { chat: tokens }
    params: { init: { kind: published, name: 124M }, schedule: { kind: constant, peak: 1 }, steps: 1, batchSize: 1 }
`;
  writeFileSync(join(home, 'p.yaml'), text);
  const { stdout } = await runRunner(['plan', '~/p.yaml'], '~/runs', { HOME: home, RUNNER_WEIGHTS: '~/w' });
  assert.ok(stdout.includes(`into ${join(home, 'w')}/`), stdout);
});
