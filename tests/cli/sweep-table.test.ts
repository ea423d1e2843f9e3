import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { sweepTable } from '../../src/cli/run/sweep-table.ts';
import type { RunSummary } from '../../src/cli/run/run-point.ts';
import type { StageResult } from '../../src/pipeline/events.ts';
import type { Json } from '../../src/pipeline/yaml/tree.ts';
import { openStore } from '../../src/store/store.ts';
import { temporaryDir } from '../kit/temporary.ts';

function tableOf(context: TestContext) {
  const store = openStore(join(temporaryDir(context), 'store'));
  let made = 0;
  const stage = (
    name: string,
    kind: string,
    metrics: [name: string, value: number][],
    more: Partial<StageResult> = {},
  ): StageResult => {
    const key = `k${made++}`;
    mkdirSync(join(store.dir, 'keys', key), { recursive: true });
    writeFileSync(
      join(store.dir, 'keys', key, 'events.jsonl'),
      metrics
        .map(
          ([metric, value], step) =>
            `${JSON.stringify({ kind: 'metric', name: metric, step, value: Number.isFinite(value) ? value : String(value), time: 1 })}\n`,
        )
        .join(''),
    );
    return { name, kind, outcome: 'ran', key, artifact: 'a', seconds: 1, ...more };
  };
  const run = (stages: StageResult[], more: Partial<RunSummary> = {}): RunSummary => ({
    run: `r${made}`,
    runUid: '',
    dir: '',
    ok: true,
    stages,
    ...more,
  });
  const point = (index: number, values: Record<string, Json>, result: RunSummary | null) => ({
    point: { index, of: 9, values, title: `t${index}` },
    run: result,
  });
  const show = (
    swept: ReturnType<typeof point>[],
    rules: Partial<Parameters<typeof sweepTable>[1]> = {},
    width = Infinity,
  ) => sweepTable(swept, { objective: null, halving: null, ...rules }, { store, width, compare: 'runner compare s' });
  return { stage, run, point, show };
}

const PEAK = 'stages.model.params.peak';

test('shows only params that differ: best first, then paused, not started and failed points; failures with their logs', (context) => {
  const { stage, run, point, show } = tableOf(context);
  const measured = (loss: number) =>
    run([
      stage('model', 'train', [
        ['eval/loss', loss + 1],
        ['eval/loss', loss + 0.5],
      ]),
      stage('report', 'evaluate', [
        ['evaluate/loss', loss],
        ['evaluate/bits_per_byte', loss / 2],
      ]),
    ]);
  const paused = (step: number, loss: number) =>
    run([stage('model', 'train', [['eval/loss', loss]], { outcome: 'paused', pausedAt: step, artifact: null })], {
      paused: true,
    });
  const failed = run(
    [
      stage('model', 'train', [['eval/loss', NaN]], {
        outcome: 'failed',
        artifact: null,
        error: 'the loss is no number\n  hint: a lower rate',
        log: '/x/log.txt',
      }),
    ],
    { ok: false },
  );
  const values = (peak: number): Record<string, Json> => ({ [PEAK]: peak, 'stages.model.params.size': 'same' });
  const { lines, best } = show([
    point(0, values(3), failed),
    point(1, values(0.1), measured(2)),
    point(2, values(0.00001), measured(1.5)),
    point(3, values(0.2), null),
    point(4, values(0.3), paused(10, 9)),
    point(5, values(0.4), paused(30, 9.5)),
  ]);
  assert.equal(
    lines.join('\n'),
    `     peak  held-out loss  bits/byte  best held-out loss
  0.00001         1.5000     0.7500              2.0000
      0.1         2.0000     1.0000              2.5000
      0.4              –          –              9.5000  paused at step 30
      0.3              –          –              9.0000  paused at step 10
      0.2              –          –                   –  not started
        3              –          –                   –  model failed
failed: t0: model: the loss is no number
        log: /x/log.txt`,
  );
  assert.equal(best?.stages[1]?.name, 'report');
});

test('an objective for one stage, highest value first', (context) => {
  const { stage, run, point, show } = tableOf(context);
  const scored = (value: number) =>
    run([stage('judge', 'command', [['score', value]]), stage('other', 'command', [['score', 100 - value]])]);
  const swept = [1, 5, 3].map((value, index) => point(index, { [PEAK]: value }, scored(value)));
  assert.deepEqual(
    show(swept, { objective: { stage: 'judge', metric: 'score', goal: 'max' } }).lines.map((line) =>
      line.trim().replace(/ +/g, ' '),
    ),
    ['peak score', '5 5.0000', '3 3.0000', '1 1.0000'],
  );
});

test('of a thousand points it shows the best twenty, cut to the width', (context) => {
  const { stage, run, point, show } = tableOf(context);
  const swept = Array.from({ length: 1000 }, (_, index) =>
    point(
      index,
      { [PEAK]: index, 'stages.a.params.words': `${'long '.repeat(30)}${index}` },
      run([stage('report', 'evaluate', [['evaluate/loss', 1000 - index]])]),
    ),
  );
  const { lines } = show(swept, {}, 60);
  assert.equal(lines.length, 22);
  assert.equal(lines.at(-1), '  … 980 more: runner compare s');
  assert.match(lines[1]!, /^ +999 +long .*….*999 +1\.0000$/);
  assert.ok(
    lines.every((line) => line.length <= 60),
    lines.map(({ length }) => length).join(),
  );
});
