import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listRunLines } from '../../src/history/run-index.ts';
import { writeLabels } from '../../src/tracking/labels/labels.ts';
import { makeRun } from '../kit/run-folder.ts';
import { temporaryDir } from '../kit/temporary.ts';

const at = (minute: number): number => Date.UTC(2026, 0, 2, 12, minute);
const loss = (value: number) => [{ name: 'eval/loss', step: 1, value, time: 1 }];

test('a list is read from the index only while the files of a run are as they were', (context) => {
  const runs = temporaryDir(context);
  const a = makeRun(runs, { run: '20260102-120000-p-aaaa', metrics: loss(3) });
  makeRun(runs, { run: '20260102-120100-p-bbbb', startedMs: at(1) });
  const list = () =>
    listRunLines(runs).map(({ name, outcome, loss, labels }) => [name, outcome, loss, ...Object.keys(labels.tags)]);
  const first = list();
  assert.deepEqual(first, [
    ['p-bbbb', 'done', null],
    ['p-aaaa', 'done', 3],
  ]);
  const index = join(runs, 'index.json');
  assert.ok(existsSync(index));
  assert.deepEqual(list(), first, 'the same from the index');

  // what the index says of a run whose record has changed is not believed
  const record = JSON.parse(readFileSync(join(a, 'run.json'), 'utf8')) as object;
  writeFileSync(join(a, 'run.json'), JSON.stringify({ ...record, ok: false }));
  assert.deepEqual(list()[1], ['p-aaaa', 'failed', 3]);
  writeLabels(a, { description: null, tags: { draft: '' }, notes: [] });
  assert.deepEqual(list()[1], ['p-aaaa', 'failed', 3, 'draft']);
  makeRun(runs, { run: '20260102-120000-p-aaaa', metrics: loss(2) });
  assert.deepEqual(list()[1], ['p-aaaa', 'done', 2, 'draft']);
  for (const damage of ['', '{"record":"run-index/1","runs":7}', '[]', '{"record":"run-index/0","runs":{}}']) {
    writeFileSync(index, damage);
    assert.equal(list().length, 2, damage);
  }
  appendFileSync(index, 'x');
  rmSync(a, { recursive: true });
  assert.deepEqual(list(), [['p-bbbb', 'done', null]]);
});

test('a run in progress is read each time, since its outcome depends on its process', (context) => {
  const runs = temporaryDir(context);
  makeRun(runs, { run: '20260102-120000-p-aaaa', ok: null });
  assert.deepEqual(
    listRunLines(runs).map(({ outcome }) => outcome),
    ['running'],
  );
  assert.ok(!existsSync(join(runs, 'index.json')));
});

test('a run that resumes a training or uses its model points to the run that began it; all cached is a no-op', (context) => {
  const runs = temporaryDir(context);
  const trains = (outcome: 'stopped' | 'resumed' | 'cached') => ({ name: 'model', kind: 'train', key: 'k1', outcome });
  const make = (minute: number, end: string, results: object[], ok = true) =>
    makeRun(runs, { run: `20260102-12000${minute}-p-${end}`, startedMs: at(minute), ok, results });
  make(0, 'aaaa', [trains('stopped')], false);
  make(1, 'bbbb', [trains('resumed')]);
  make(2, 'cccc', [trains('cached'), { name: 'samples', kind: 'sample', key: 'k2' }]);
  make(3, 'dddd', [trains('cached')]);
  make(4, 'eeee', [{ name: 'model', kind: 'train', key: 'k3' }]);
  const read = (): unknown =>
    listRunLines(runs).map(({ name, continues, isNoop }) => [name, continues?.name ?? null, isNoop]);
  const expected = [
    ['p-eeee', null, false],
    ['p-dddd', 'p-aaaa', true],
    ['p-cccc', 'p-aaaa', false],
    ['p-bbbb', 'p-aaaa', false],
    ['p-aaaa', null, false],
  ];
  assert.deepEqual(read(), expected);
  assert.deepEqual(read(), expected, 'the same from the index');
});
