import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runJson, runRunner, sha256, writePipeline } from '../kit/runner.ts';
import type { RunJson } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

interface SweepJson {
  sweep: string;
  ok: boolean;
  runs: (RunJson & { paused?: true })[];
}

async function sweep(file: string, runs: string, ...more: string[]) {
  const ended = await runRunner(['run', file, '--json', ...more], runs);
  return { ...ended, json: JSON.parse(ended.stdout) as SweepJson };
}

const outcomesOf = ({ runs }: SweepJson): string[] =>
  runs.map(({ stages }) => stages.map(({ outcome }) => outcome).join(' '));

test('in a sweep over a script, a failed point is reported with its log and stops no other; an added value runs one more point', async (context) => {
  const dir = temporaryDir(context);
  const file = join(dir, 'sweep.yaml');
  writeFileSync(
    join(dir, 'score.mjs'),
    `import fs from 'node:fs';
    const size = Number(process.env.SIZE);
    if (size === 3) { console.error('three is too many'); process.exit(9); }
    console.log('metric score 0 ' + (10 - Math.abs(size - 2)));
    fs.writeFileSync(process.argv[2] + '/size', String(size));`,
  );
  const write = (sizes: string): void =>
    writeFileSync(
      file,
      `name: sizes
sweep:
  stages.score.params.env.SIZE: ${sizes}
  objective: { metric: score, goal: max }
stages:
  first: { kind: command, params: { argv: [sh, -c, 'echo one > "$0/one"', "{out}"] } }
  score:
    kind: command
    inputs: { first: first }
    params: { argv: [${JSON.stringify(process.execPath)}, ./score.mjs, "{out}", "{in:first}"], code: [./score.mjs] }
`,
    );
  write('[1, 2, 3, 4]');
  const first = await sweep(file, join(dir, 'runs'), '--jobs', '2');
  assert.equal(first.code, 1, first.stderr);
  // either of the first two points may compute the common stage
  assert.deepEqual(
    outcomesOf(first.json).map((outcomes) => outcomes.split(' ')[1]),
    ['ran', 'ran', 'failed', 'ran'],
  );
  assert.match(first.stderr, /SIZE +score *\n +2 +10\.0000\n +1 +9\.0000\n +4 +8\.0000\n +3 +– +score failed\n/);
  const [, log] = /failed: SIZE=3: score: .*exited with code 9.*\n +log: (.*)/.exec(first.stderr) ?? [];
  assert.match(readFileSync(log!, 'utf8'), /three is too many/);

  write('[1, 2, 4, 5]');
  const second = await sweep(file, join(dir, 'runs'));
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(outcomesOf(second.json), ['cached cached', 'cached cached', 'cached cached', 'cached ran']);
  writeFileSync(join(dir, 'score.mjs'), `${readFileSync(join(dir, 'score.mjs'), 'utf8')}\n// changed`);
  assert.deepEqual(
    outcomesOf((await sweep(file, join(dir, 'runs'))).json),
    Array(4).fill('cached ran'),
    'the script is part of the key',
  );
});

test(
  'halving: the best point ends with bytes identical to an undisturbed run; the others stay paused and can be finished',
  { timeout: 180_000 },
  async (context) => {
    const { dir, runs } = await finishedStore(context);
    const samples =
      '  samples: { kind: sample, inputs: { checkpoint: model }, params: { prompts: ["Mira:"], maxNewTokens: 8, temperature: 0.8, topK: 20 } }\n';
    const shorter = {
      'steps: 30': 'steps: 8',
      'validateEvery: 10': 'validateEvery: 4',
      'checkpointEvery: 5': 'checkpointEvery: 100',
      [samples]: '',
    };
    const file = writePipeline(join(dir, 'sweep.yaml'), './export', {
      ...shorter,
      'seed: 3':
        'seed: 3\nsweep:\n  stages.model.params.schedule.peak: [0.001, 0.03]\n  halving: { stage: model, rungs: [4], keepOneIn: 2 }',
    });
    const halved = await sweep(file, runs);
    assert.equal(halved.code, 0, halved.stderr);
    assert.deepEqual(
      halved.json.runs.map(({ paused, stages }) =>
        paused ? `paused at ${stages.find(({ name }) => name === 'model')?.pausedAt}` : 'done',
      ),
      ['paused at 4', 'done'],
    );
    assert.deepEqual(halved.json.runs[1]!.stages.map(({ outcome }) => outcome).slice(2), ['resumed', 'ran']);
    assert.equal(
      readdirSync(runs).filter((name) => /^\d{8}-/.test(name)).length,
      2,
      'a point that continues keeps its run',
    );

    const alone = await runJson(
      [writePipeline(join(dir, 'alone.yaml'), './export', { ...shorter, 'peak: 0.01': 'peak: 0.03' }), 'model'],
      join(dir, 'alone'),
    );
    const model = (run: RunJson) => run.stages.find(({ name }) => name === 'model')!;
    assert.equal(
      model(halved.json.runs[1]!).artifact,
      model(alone).artifact,
      'the whole artifact is that of an undisturbed run',
    );
    assert.equal(
      sha256(join(halved.json.runs[1]!.dir, 'stages', 'model', 'final', 'model.safetensors')),
      sha256(join(alone.dir, 'stages', 'model', 'final', 'model.safetensors')),
    );

    // The same sweep again trains nothing.
    const again = await sweep(file, runs);
    assert.deepEqual(outcomesOf(again.json), ['cached cached paused skipped', 'cached cached cached cached']);
    assert.ok(
      again.json.runs.every(({ stages }) => stages.every(({ seconds }) => seconds < 0.5)),
      'no process was started',
    );

    // A paused point's own file finishes it.
    const finished = await runJson(
      [
        join(halved.json.runs[0]!.dir, 'pipeline.yaml'),
        'model',
        `--set=stages.chat.params.source=${join(dir, 'export')}`,
      ],
      runs,
    );
    assert.deepEqual(
      [model(finished).outcome, model(finished).resumedAt, model(finished).key],
      ['resumed', 4, model(halved.json.runs[0]!).key],
    );
  },
);
