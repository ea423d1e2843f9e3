import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultText } from '../../src/cli/run/result-text.ts';
import { makeRun } from '../kit/run-folder.ts';
import type { MadeRun } from '../kit/run-folder.ts';
import { temporaryDir } from '../kit/temporary.ts';

const tokens = (digest: string) => [{ name: 'tokens', kind: 'tokenize', artifact: digest.repeat(64) }];
const measured = (values: Record<string, number>, step = 0) =>
  Object.entries(values).map(([name, value]) => ({ name, step, value, time: 1 }));
const reported = (loss: number) =>
  measured({
    'evaluate/loss': loss,
    'evaluate/perplexity': 31.87,
    'evaluate/bits_per_byte': 1.6204,
    'evaluate/baseline_loss': 10.85,
  });

test('the result is what the report measured, beside the start and the best earlier run on the same tokens', (context) => {
  const runs = temporaryDir(context);
  let minute = 0;
  const make = (end: string, more: Partial<MadeRun>): string =>
    makeRun(runs, {
      run: `20260102-12000${minute}-p-${end}`,
      startedMs: Date.UTC(2026, 0, 2, 12, minute++),
      results: tokens('a'),
      ...more,
    });
  const first = make('aaaa', { metrics: reported(3.4618) });
  const figures = 'perplexity 31.870, 1.620 bits per byte';
  assert.equal(resultText(first, true), `held-out loss 3.462 (10.850 before training), ${figures}`);
  make('bbbb', { metrics: reported(1), results: tokens('b') }); // on another text
  make('cccc', { metrics: reported(1), pipeline: 'q' });
  make('dddd', { metrics: reported(1), ok: false });
  make('eeee', { metrics: measured({ 'best/eval_loss': 1 }) }); // measured otherwise
  const better = make('ffff', { metrics: reported(3.4) });
  assert.match(resultText(better, true)!, /; better than the best earlier run, p-aaaa, with 3\.462$/);
  const worse = make('abab', { metrics: reported(3.45) });
  assert.match(resultText(worse, true)!, /; the best earlier run is p-ffff, with 3\.400$/);
  assert.ok(!resultText(worse, false)!.includes('earlier'));
});

test('without a report, the result is the best validation of the training; without one, there is none', (context) => {
  const runs = temporaryDir(context);
  const trained = makeRun(runs, {
    run: '20260102-120000-p-aaaa',
    metrics: [
      ...measured({ 'eval/loss': 9.25 }),
      ...measured({ 'eval/loss': 4.5, 'best/eval_loss': 4.5 }, 10),
      ...measured({ 'eval/loss': 5 }, 20),
    ],
  });
  assert.equal(resultText(trained, true), 'held-out loss 4.500 (9.250 before training), perplexity 90.017');
  assert.equal(resultText(makeRun(runs, { run: '20260102-120100-p-bbbb' }), true), null);
});
