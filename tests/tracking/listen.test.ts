import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Listener, RunEvent } from '../../src/pipeline/events.ts';
import { openJournal, readJournal } from '../../src/tracking/journal/journal.ts';
import type { JournalRecord } from '../../src/tracking/journal/journal.ts';
import { kinds } from '../../stages/index.ts';
import { journalListener, paramName } from '../../src/tracking/journal/listen.ts';
import { sentParams } from '../../src/tracking/journal/sent-params.ts';
import { columnParams } from '../../src/tracking/mlflow/experiment-page.ts';
import { isWithoutMetrics, runsView, sweepView } from '../../src/tracking/mlflow/sweep-view.ts';

type Started = Extract<RunEvent, { kind: 'run-started' }>;

const stages = [
  { name: 'chat', kind: 'ingest' },
  { name: 'model', kind: 'train' },
  { name: 'samples', kind: 'sample' },
  { name: 'report', kind: 'evaluate' },
];

interface Rig {
  dir: string;
  listen: Listener;
  records(): JournalRecord[];
  points(): string[];
  /** the same run, opened as by a later process */
  later(): Rig;
  again(stage: string, event: { kind: 'attempt' } | { kind: 'resumed'; step: number }): void;
  metric(stage: string, name: string, step: number, value: number, time?: number, replayed?: boolean): void;
  finish(name: string, kind: string, files?: Record<string, string>): void;
}

function rig(change: Partial<Started> = {}, dir = mkdtempSync(join(tmpdir(), 'listen-'))): Rig {
  const journal = openJournal(join(dir, 'journal.jsonl'));
  const listen = journalListener(journal, kinds);
  listen({
    kind: 'run-started',
    run: 'r1',
    runUid: 'uid-1',
    dir,
    pipeline: 'p',
    experiment: 'e',
    title: 't',
    stages,
    params: {},
    sweep: null,
    time: 1000,
    ...change,
  });
  const records = (): JournalRecord[] => readJournal(join(dir, 'journal.jsonl')).lines.map((line) => line.record);
  return {
    dir,
    listen,
    records,
    points: () => records().flatMap((r) => (r.kind === 'metric' ? [`${r.name}@${r.step}=${r.value} t${r.time}`] : [])),
    later: () => rig(change, dir),
    again: (stage, event) => listen({ kind: 'stage-event', stage, replayed: false, event: { ...event, time: 5000 } }),
    metric: (stage, name, step, value, time = 5000 + step, replayed = false) =>
      listen({ kind: 'stage-event', stage, replayed, event: { kind: 'metric', name, step, value, time } }),
    finish(name, kind, files = {}) {
      const out = join(dir, `out-${name}`);
      mkdirSync(out, { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(out, file), text);
      listen({
        kind: 'stage-finished',
        result: { name, kind, outcome: 'ran', key: null, artifact: null, seconds: 1 },
        dir: out,
        time: 9000,
      });
    },
  };
}

const artifacts = (records: JournalRecord[]): string[] =>
  records.flatMap((r) => (r.kind === 'artifact' ? [r.path] : []));
const tags = (records: JournalRecord[]): Record<string, string> =>
  Object.fromEntries(records.flatMap((r) => (r.kind === 'tag' ? [[r.key, r.value]] : [])));

test('a run record has tags, params as plain decimals, and the sweep', () => {
  const { records } = rig({
    params: { 'model.schedule.floor': '3e-7', 'chat.source': 'a/b', 'model.big': '1e+21' },
    sweep: {
      id: 's1',
      index: 1,
      paths: ['stages.model.params.schedule.peak', 'seed'],
      values: { 'stages.model.params.schedule.peak': 3e-7, seed: 4 },
    },
  });
  const [run] = records();
  assert.ok(run?.kind === 'run');
  assert.deepEqual(run.params, {
    'model.schedule.peak': '0.0000003',
    seed: '4',
    'model.schedule.floor': '0.0000003',
    'chat.source': 'a/b',
    'model.big': '1000000000000000000000',
  });
  assert.deepEqual(run.sweep, { id: 's1', index: 1, params: ['model.schedule.peak', 'seed'] });
  const {
    run_uid,
    pipeline,
    'run.kind': kind,
    'sweep.id': sweepId,
    'sweep.index': index,
    'mlflow.runName': name,
    'mlflow.source.type': type,
  } = run.tags;
  assert.deepEqual(
    { run_uid, pipeline, kind, sweepId, index, name, type },
    { run_uid: 'uid-1', pipeline: 'p', kind: 'pipeline', sweepId: 's1', index: '1', name: 't', type: 'LOCAL' },
  );
});

test('MLflow gets the chosen params, the swept ones and those that give a size; the file is the source', () => {
  const params = { 'chat.source': 'a', 'chat.limit': '0', 'model.steps': '9', 'model.dropout': '0', 'model.seed': '1' };
  const { records } = rig({
    params,
    chosen: ['chat.source', 'model.dropout'],
    source: { name: 'mine.yaml', commit: 'c'.repeat(40) },
    sweep: { id: 's', index: 0, paths: ['seed', 'stages.model.params.dropout'], values: { seed: 1 } },
  });
  const [run] = records();
  assert.ok(run?.kind === 'run');
  assert.deepEqual(run.params, { seed: '1', ...params });
  assert.deepEqual(sentParams(run), {
    seed: '1',
    'chat.source': 'a',
    'model.steps': '9',
    'model.dropout': '0',
  });
  assert.equal(run.tags['mlflow.source.name'], 'mine.yaml');
  assert.equal(run.tags['mlflow.source.git.commit'], 'c'.repeat(40));
});

test('maps swept paths to param names', () => {
  assert.equal(paramName('stages.model.params.schedule.peak'), 'model.schedule.peak');
  assert.equal(paramName('stages.model.runtime.logEvery'), 'model.runtime.logEvery');
  assert.equal(paramName('seed'), 'seed');
});

test('metrics keep their steps and times; best/* is at step 0', () => {
  const run = rig();
  run.metric('model', 'train/loss', 1, 3.5, 111);
  run.metric('model', 'train/loss', 2, NaN, 222);
  run.metric('model', 'best/eval_loss', 50, 3.1, 333);
  run.metric('model', 'best/eval_loss', 100, 2.9, 444);
  assert.deepEqual(run.points(), [
    'train/loss@1=3.5 t111',
    'train/loss@2=NaN t222',
    'best/eval_loss@0=3.1 t333',
    'best/eval_loss@0=2.9 t444',
  ]);
});

test('points that a resumed stage reports again are not duplicated, in this process or the next', () => {
  const run = rig();
  const story = (r: Rig, from: number, to: number, replayed: boolean): void => {
    for (let step = from; step <= to; step++) {
      r.metric('model', 'train/loss', step, 10 - step, 5000 + step + (replayed ? 0 : 70), replayed);
      if (step % 2 === 0) r.metric('model', 'best/eval_loss', step, 10 - step, 5000 + step, replayed);
    }
  };
  story(run, 1, 6, true); // the old events, with their own times
  run.again('model', { kind: 'attempt' });
  story(run, 5, 8, false); // from the checkpoint at step 4 on, steps 5 and 6 again
  const once = run.points();
  assert.deepEqual(
    once.filter((p) => p.startsWith('train')).map((p) => Number(/@(\d+)/.exec(p)?.[1])),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.equal(once.filter((p) => p.startsWith('best')).length, 4);
  assert.ok(once.includes('train/loss@5=5 t5005') && once.includes('train/loss@7=3 t5077'));

  const next = run.later();
  story(next, 1, 8, true);
  next.metric('model', 'train/loss', 9, 1);
  assert.equal(next.points().filter((p) => p.startsWith('train')).length, 9);
});

test('within an attempt every point is journaled: at the same step, at an earlier one, and with the same value', () => {
  const run = rig();
  const points: [string, number, number][] = [
    ...[0.5, 0.7, 0.7].map((value): [string, number, number] => ['fold/accuracy', 1, value]),
    ...[1, 2, 3, 1, 2, 3].map((step): [string, number, number] => ['loss', step, 4 - step]),
    ...[4, 4, 3, NaN, NaN].map((value): [string, number, number] => ['evaluate/loss', 0, value]),
  ];
  const tell = (to: Rig): void => {
    for (const [name, step, value] of points) to.metric('report', name, step, value);
  };
  tell(run);
  assert.equal(run.points().length, points.length);
  run.again('report', { kind: 'attempt' });
  tell(run);
  tell(run.later());
  assert.equal(run.points().length, points.length, 'but not again when the next attempt repeats them');
  run.again('report', { kind: 'attempt' });
  run.metric('report', 'evaluate/loss', 0, 2);
  assert.ok(
    run.points().some((point) => point.startsWith('evaluate/loss@0=2')),
    'a summary that has changed is new',
  );
});

test("with two stages of a kind, their metrics, samples and reports have the stage's name; others do not", () => {
  const run = rig({
    stages: [
      { name: 'short', kind: 'train' },
      { name: 'long', kind: 'train' },
      { name: 'report', kind: 'evaluate' },
      { name: 'a', kind: 'sample' },
      { name: 'b', kind: 'sample' },
    ],
  });
  run.metric('short', 'train/loss', 1, 1);
  run.metric('long', 'train/loss', 1, 2);
  run.metric('long', 'best/eval_loss', 7, 2);
  run.metric('report', 'evaluate/loss', 0, 3);
  run.finish('a', 'sample', { 'samples.jsonl': '{"prompt":"p","text":"t"}\n' });
  assert.deepEqual(
    run.points().map((p) => p.split(' ')[0]),
    ['short/train/loss@1=1', 'long/train/loss@1=2', 'long/best/eval_loss@0=2', 'evaluate/loss@0=3'],
  );
  assert.deepEqual(artifacts(run.records()), ['a/samples.jsonl', 'a/samples.md', 'samples.json']);
});

test('copies samples and reports, but not conversations or checkpoints', () => {
  const run = rig();
  run.finish('chat', 'ingest', { 'conversations.jsonl': 'secret', 'report.json': '{}' });
  run.finish('model', 'train', { 'model.safetensors': 'weights', 'samples.jsonl': '{"prompt":"p","text":"t"}' });
  run.listen({
    kind: 'stage-event',
    stage: 'samples',
    replayed: false,
    event: { kind: 'sample', step: 400, prompt: 'Hi', text: 'there', time: 1 },
  });
  run.finish('samples', 'sample', {
    'samples.jsonl': '{"prompt":"Hi","text":"there"}\n{"prompt":"Hi","text":"you ```` too"}\n{"broken',
  });
  run.finish('report', 'evaluate', { 'report.json': '{"loss":2.5,"baseline":{"loss":10}}' });
  assert.deepEqual(artifacts(run.records()), [
    'samples.jsonl',
    'samples.md',
    'samples.json',
    'report.json',
    'report.md',
  ]);
  const kept = (name: string): string => readFileSync(join(run.dir, 'tracked', name), 'utf8');
  assert.deepEqual(JSON.parse(kept('samples.json')), {
    columns: ['step', 'text', 'prompt'],
    data: [
      ['400 #1', 'there', 'Hi'],
      ['400 #2', 'you ```` too', 'Hi'],
    ],
  });
  assert.match(kept('samples.md'), /`{5}\nyou ```` too\n`{5}/);
  assert.match(kept('report.md'), /\| loss \| 2.5 \|[\s\S]*## baseline[\s\S]*\| loss \| 10 \|/);
  assert.equal(tags(run.records())['mlflow.loggedArtifacts'], '[{"path":"samples.json","type":"table"}]');
});

test('the samples table grows during training, and a resume does not duplicate rows', () => {
  const run = rig();
  const sample = (step: number): void =>
    run.listen({
      kind: 'stage-event',
      stage: 'model',
      replayed: false,
      event: { kind: 'sample', step, prompt: 'Hi', text: `at ${step}`, time: step },
    });
  for (const step of [50, 100, 100, 150, 100, 150]) sample(step);
  run.finish('model', 'train');
  const table = JSON.parse(readFileSync(join(run.dir, 'tracked', 'samples.json'), 'utf8')) as { data: unknown };
  assert.deepEqual(table.data, [
    ['50', 'at 50', 'Hi'],
    ['100', 'at 100', 'Hi'],
    ['150', 'at 150', 'Hi'],
  ]);
  assert.ok(artifacts(run.records()).length >= 3, 'visible during training');
});

test('outcomes become tags, and the end becomes a status', () => {
  for (const [event, status] of [
    [{ ok: true, stopped: false }, 'FINISHED'],
    [{ ok: false, stopped: false }, 'FAILED'],
    [{ ok: false, stopped: true }, 'KILLED'],
  ] as const) {
    const run = rig();
    run.listen({ kind: 'stage-started', stage: 'model', time: 1 });
    run.listen({
      kind: 'stage-finished',
      result: {
        name: 'model',
        kind: 'train',
        outcome: 'resumed',
        key: null,
        artifact: null,
        seconds: 1,
        resumedAt: 40,
        error: 'disk full',
      },
      dir: null,
      time: 2,
    });
    writeFileSync(join(run.dir, 'pipeline.yaml'), 'name: p\n');
    run.listen({ kind: 'run-finished', time: 77, ...event });
    assert.deepEqual(tags(run.records()), {
      'stage.model': 'resumed',
      'stage.model.resumed_at': '40',
      'stage.model.error': 'disk full',
    });
    assert.deepEqual(run.records().at(-1), { kind: 'end', status, time: 77 });
    assert.deepEqual(artifacts(run.records()), ['pipeline.yaml']);
  }
});

test('a paused training is tagged as paused; when its run resumes, the run gets a new end', () => {
  const run = rig();
  run.metric('model', 'train/loss', 10, 3);
  run.listen({
    kind: 'stage-finished',
    result: { name: 'model', kind: 'train', outcome: 'paused', key: null, artifact: null, seconds: 1, pausedAt: 10 },
    dir: null,
    time: 2,
  });
  run.listen({ kind: 'run-finished', ok: true, stopped: false, paused: true, time: 3 });
  assert.deepEqual(tags(run.records()), { 'stage.model': 'paused', 'stage.model.paused_at': '10' });
  assert.deepEqual(run.records().at(-1), { kind: 'end', status: 'KILLED', time: 3 });
  const on = run.later();
  on.metric('model', 'train/loss', 10, 3, 5010, true);
  on.metric('model', 'train/loss', 20, 2);
  on.finish('model', 'train');
  on.listen({ kind: 'run-finished', ok: true, stopped: false, time: 9 });
  assert.deepEqual(on.points(), ['train/loss@10=3 t5010', 'train/loss@20=2 t5020']);
  assert.equal(tags(on.records())['stage.model'], 'ran');
  assert.deepEqual(
    on.records().flatMap((record) => (record.kind === 'run' ? ['run'] : record.kind === 'end' ? [record.status] : [])),
    ['run', 'KILLED', 'run', 'FINISHED'],
  );
});

test('the plain view has columns for params that differ between runs, otherwise for those that give a size', () => {
  const train = [{ name: 'model', kind: 'train' }];
  assert.deepEqual(columnParams([{ 'model.steps': '1', 'a.x': '1' }], train, kinds), ['model.steps']);
  assert.deepEqual(
    columnParams(
      [{ 'model.steps': '1', 'a.x': '1' }, { 'model.steps': '1', 'a.x': '2' }, { 'model.steps': '1' }],
      train,
      kinds,
    ),
    ['a.x'],
  );
  const wide = Array.from({ length: 2 }, (_, run) =>
    Object.fromEntries(Array.from({ length: 30 }, (__, i) => [`p${i}`, String(run)])),
  );
  assert.equal(columnParams(wide, train, kinds).length, 8);
});

test('a view fits into a tag, however many params are swept', () => {
  const view = sweepView(
    { id: 's', params: Array.from({ length: 300 }, (_, i) => `model.some.long.path.of.a.param.number.${i}`) },
    stages,
    kinds,
  );
  assert.ok(view.value.length <= 5000);
  const state = JSON.parse((JSON.parse(view.value) as { state: string }).state) as { selectedColumns: string[] };
  assert.ok(
    state.selectedColumns.includes('metrics.`eval/loss`') &&
      state.selectedColumns.some((name) => name.startsWith('params.')),
  );
});

test('a view shows the metrics that a kind declares, and its size params as columns', () => {
  const judge = {
    ...kinds['evaluate']!,
    kind: 'judge',
    metrics: { sweepColumns: [], trackerColumns: ['judge/score'], trackerCharts: ['judge/curve'] },
    sizeParams: ['rounds'],
  };
  const stages = [{ name: 'opinion', kind: 'judge' }];
  const view = JSON.stringify(sweepView({ id: 's', params: [] }, stages, { ...kinds, judge }));
  assert.match(view, /metrics\.`judge\/score`/);
  assert.match(view, /judge\/curve/);
  assert.deepEqual(columnParams([{ 'opinion.rounds': '3', 'opinion.seed': '1' }], stages, { judge }), [
    'opinion.rounds',
  ]);
});

test('a view that runs without metrics left behind is recognized, a user’s own is not', () => {
  const ingest = runsView([], [{ name: 'chat', kind: 'ingest' }], kinds).value;
  assert.ok(isWithoutMetrics(ingest));
  assert.ok(!JSON.parse(JSON.parse(ingest).state).compareRunSections, 'MLflow makes its own charts');
  assert.ok(!isWithoutMetrics(runsView([], stages, kinds).value));
  assert.ok(!isWithoutMetrics(ingest.replace('"createdAt":0', '"createdAt":1700000000000')));
  assert.ok(!isWithoutMetrics('deflate;x') && !isWithoutMetrics(''));
});
