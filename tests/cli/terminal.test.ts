import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent, StageEvent, StageResult } from '../../src/pipeline/events.ts';
import { outcomeLine } from '../../src/cli/screen/outcome-line.ts';
import { beginning, progressRow, updateProgress } from '../../src/cli/screen/progress-row.ts';
import { argumentsText } from '../../src/files/shell-word.ts';
import { roughly, seconds, wholeSeconds } from '../../src/cli/screen/durations.ts';
import { coloursFor } from '../../src/cli/screen/style.ts';
import { openTerminal } from '../../src/cli/screen/terminal.ts';
import { openScreen } from '../kit/screen.ts';
import { temporaryDir } from '../kit/temporary.ts';

const plain = coloursFor({ isTTY: false } as NodeJS.WriteStream);
const started = (sweep: string | null, ...names: string[]): RunEvent => ({
  kind: 'run-started',
  run: '20260101-p-abcd',
  runUid: 'u',
  dir: 'runs/20260101-p-abcd',
  pipeline: 'p',
  experiment: 'p',
  title: sweep ?? 'p-abcd',
  stages: names.map((name) => ({ name, kind: 'k' })),
  params: {},
  sweep: sweep === null ? null : { id: 's', index: 0, paths: [], values: {} },
  time: 0,
});
const starts = (stage: string): RunEvent => ({ kind: 'stage-started', stage, time: Date.now() });
const reports = (stage: string, event: StageEvent): RunEvent => ({
  kind: 'stage-event',
  stage,
  replayed: false,
  event: { ...event, time: Date.now() },
});
const ends = (name: string, outcome: StageResult['outcome'], more: Partial<StageResult> = {}): RunEvent => ({
  kind: 'stage-finished',
  result: { name, kind: 'k', outcome, key: null, artifact: null, seconds: 0, ...more },
  dir: null,
  time: 0,
});

test('on a terminal, finished lines stay and rows for running and waiting stages are redrawn below', () => {
  const screen = openScreen(80);
  const terminal = openTerminal(screen.stream, plain);
  const listen = terminal.show();
  for (const event of [
    started(null, 'chat', 'tokens', 'model', 'report'),
    ends('chat', 'cached', { originalSeconds: 3 }),
    starts('tokens'),
    starts('model'),
    reports('model', { kind: 'progress', done: 25, total: 100, unit: 'steps', note: 'loss 4.31' }),
    reports('tokens', { kind: 'note', text: 'a note' }),
  ])
    listen(event);
  terminal.say('printed meanwhile');
  listen(starts('nothing'));
  assert.deepEqual(
    screen.lines().map((line) => line.replace(/ {2}\d+ s$/, '')),
    [
      '20260101-p-abcd  runs/20260101-p-abcd',
      '  ✓ chat    cached   saved 3.0 s',
      '  · tokens  a note',
      'printed meanwhile',
      '  ▸ tokens',
      '  ▸ model   ━━━───────  25 % · 25/100 steps · loss 4.31',
      '  ▸ nothing',
      '  ◦ waiting: report',
    ],
  );
  for (const step of [20, 40])
    for (const prompt of ['Ann:', 'Ben:'])
      listen(reports('model', { kind: 'sample', step, prompt, text: ` at ${step}\n\nBen: yes\nAnn: no` }));
  listen(reports('tokens', { kind: 'note', text: 'another note' }));
  assert.deepEqual(screen.lines().slice(6, 9), [
    '  ▸ model   ━━━───────  25 % · 25/100 steps · loss 4.31',
    '      step 40: Ann: at 40',
    '        Ben: yes',
  ]);
  for (const event of [
    ends('tokens', 'ran', { seconds: 2 }),
    ends('model', 'resumed', { seconds: 61, resumedAt: 60 }),
    ends('nothing', 'stopped'),
    ends('report', 'skipped'),
  ])
    listen(event);
  terminal.close();
  assert.deepEqual(screen.lines().slice(5), [
    '  ✓ tokens  ran      2.0 s',
    '  ✓ model   resumed at step 60, 61 s',
    '  ■ nothing  not started',
    '  - report  skipped',
  ]);
});

test('a terminal that is resized keeps printed lines and shows no row twice', () => {
  const screen = openScreen(100);
  const terminal = openTerminal(screen.stream, plain);
  const listen = terminal.show();
  for (const event of [
    started(null, 'a', 'b'),
    starts('a'),
    starts('b'),
    reports('a', { kind: 'progress', done: 5, total: 10, unit: 'steps', note: 'x'.repeat(60) }),
    reports('b', { kind: 'progress', done: 5, total: 10, unit: 'steps', note: 'y'.repeat(60) }),
  ])
    listen(event);
  terminal.say('kept');
  for (const width of [40, 25, 90, 33]) {
    screen.resize(width);
    const lines = screen.lines();
    assert.equal(lines.filter((line) => line.includes('▸ a')).length, 1, lines.join('\n'));
    assert.equal(lines.filter((line) => line.includes('▸ b')).length, 1, lines.join('\n'));
    assert.ok(lines.includes('kept'));
    assert.ok(lines.every((line) => line.length <= width));
  }
  terminal.close();
  assert.ok(!screen.lines().some((line) => line.includes('▸')));
});

test('two points of a sweep at once: rows have the title of their point, and cached stages are only counted', () => {
  const screen = openScreen(80);
  const terminal = openTerminal(screen.stream, plain);
  const [one, two] = [terminal.show(), terminal.show()];
  one(started('peak=1', 'chat', 'model'));
  two(started('peak=2', 'chat', 'model'));
  for (const event of [ends('chat', 'cached'), starts('model')]) one(event);
  for (const event of [ends('chat', 'cached'), ends('model', 'cached')]) two(event);
  two({ kind: 'run-finished', ok: true, stopped: false, time: 0 });
  assert.deepEqual(
    screen.lines().map((line) => line.replace(/ {2}\d+ s$/, '')),
    ['✓ peak=2  2 cached', '  ▸ peak=1  model'],
  );
  terminal.close();
});

test('without a terminal, each change is one plain line and nothing is redrawn', () => {
  const written: string[] = [];
  const stream = {
    isTTY: false,
    write: (text: string) => written.push(text),
    on: () => {},
    off: () => {},
  } as unknown as NodeJS.WriteStream;
  const terminal = openTerminal(stream, plain);
  const listen = terminal.show();
  for (const event of [
    started(null, 'chat', 'model'),
    starts('chat'),
    reports('chat', { kind: 'progress', done: 1, total: 9, unit: 'files' }),
    reports('chat', { kind: 'metric', name: 'x', step: 1, value: 1 }),
    ends('chat', 'ran', { seconds: 1 }),
    reports('model', { kind: 'resumed', step: 7 }),
  ])
    listen(event);
  terminal.close();
  assert.equal(
    written.join(''),
    '20260101-p-abcd  runs/20260101-p-abcd\n  ▸ chat   started\n  ✓ chat   ran      1.0 s\n  ↻ model  resumes at step 7\n',
  );
});

test('the rate in a row counts from the start of the attempt; without a note, the row shows the newest loss', () => {
  const running = beginning('model', 0);
  assert.equal(progressRow(running, 61_000), '  ▸ model  1 min 1 s');
  updateProgress(running, { kind: 'metric', name: 'train/loss', step: 50, value: 3.14159, time: 0 });
  updateProgress(running, { kind: 'progress', done: 50, total: 100, unit: 'steps', time: 10_000 });
  updateProgress(running, { kind: 'progress', done: 60, total: 100, unit: 'steps', time: 20_000 });
  assert.equal(progressRow(running, 20_000), '  ▸ model  ━━━━━━────  60 % · 40 s left · 60/100 steps · loss 3.142');
});

test('a stage that was stopped before it began is shown as not started', () => {
  const stopped = { name: 'x', kind: 'k', outcome: 'stopped', key: null, artifact: null } as const;
  assert.equal(outcomeLine({ ...stopped, seconds: 0 }, 'x', plain), '  ■ x  not started');
  assert.equal(outcomeLine({ ...stopped, seconds: 43, stoppedAt: 11 }, 'x', plain), '  ■ x  stopped at step 11, 43 s');
});

test('a failure is shown with its reason and the log of its last attempt, cut to its end if it is long', (context) => {
  const dir = temporaryDir(context);
  const log = join(dir, 'log.txt');
  const failed = (text: string): string[] => {
    writeFileSync(log, text);
    return outcomeLine(
      {
        name: 'x',
        kind: 'k',
        outcome: 'failed',
        key: null,
        artifact: null,
        seconds: 1,
        error: `broke\n  log: ${log}`,
        log,
      },
      'x',
      plain,
    ).split('\n');
  };
  assert.deepEqual(failed('--- attempt of then\nold words\n--- attempt of now\nnew words\n'), [
    '  ✗ x  failed   1.0 s',
    '      broke',
    `        log: ${log}`,
    '      │ new words',
  ]);
  const long = failed(`--- attempt of now\n${Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n')}\n`);
  assert.equal(long[3], '      │ … 440 earlier lines');
  assert.equal(long.at(-1), '      │ line 499');
  assert.equal(long.length, 3 + 1 + 60);
});

test('printed commands can be pasted into a shell', () => {
  assert.equal(
    argumentsText({ positionals: ['my file.yaml', 'model'], sets: ['stages.a.params.x=[1, 2]', "b=it's", 'c=3e-4'] }),
    "'my file.yaml' model --set 'stages.a.params.x=[1, 2]' --set 'b=it'\\''s' --set c=3e-4",
  );
});

test('durations read as durations, not as times of day', () => {
  assert.deepEqual([0, 0.44, 12.3, 79, 366, 3599.7, 7500, 90_000].map(seconds), [
    '0.0 s',
    '0.4 s',
    '12 s',
    '79 s',
    '6 min 6 s',
    '1 h',
    '2 h 5 min',
    '1 d 1 h',
  ]);
  assert.deepEqual([0, 4.4, 61, 1905].map(wholeSeconds), ['0 s', '4 s', '1 min 1 s', '31 min 45 s']);
  assert.deepEqual([0, 59.7, 1905, 7500].map(roughly), ['0 s', '1 min', '32 min', '2 h']);
});

test('on a narrow terminal, the held-out loss and the speed stay in the row of a training', () => {
  const running = beginning('model', 0);
  const note = 'loss 10.35 · held-out loss 10.32 · 1,234 tokens/s';
  updateProgress(running, { kind: 'progress', done: 0, total: 60, unit: 'steps', note, time: 0 });
  updateProgress(running, { kind: 'progress', done: 4, total: 60, unit: 'steps', note, time: 19_000 });
  const at = (columns: number): string => progressRow(running, 19_000, columns);
  assert.equal(at(120), `  ▸ model  ━─────────   6 % · 4 min 26 s left · 4/60 steps · ${note}`);
  assert.equal(at(79), '  ▸ model    6 % · 4 min left · held-out loss 10.32 · 1,234 tokens/s');
  assert.equal(at(59), '  ▸ model    6 % · held-out loss 10.32 · 1,234 tokens/s');
  const long = { ...running, name: 'peak=0.002 warmupSteps=100  model' };
  assert.equal(progressRow(long, 19_000, 59), '  ▸ pea…model    6 % · held-out loss 10.32 · 1,234 tokens/s');
  for (const columns of [60, 80, 120])
    assert.ok(progressRow(long, 19_000, columns).includes('held-out loss 10.32 · 1,'), String(columns));
});

test('a long note is continued below its start, at spaces', () => {
  const screen = openScreen(60);
  const terminal = openTerminal(screen.stream, plain);
  const listen = terminal.show();
  listen(started(null, 'chat'));
  listen(starts('chat'));
  listen(
    reports('chat', {
      kind: 'note',
      text: 'dropped 103 messages without a text: 1 audio file, 4 calls and 98 stickers',
    }),
  );
  terminal.close();
  assert.deepEqual(
    screen.lines().filter((line) => /·|calls/.test(line)),
    ['  · chat  dropped 103 messages without a text: 1 audio file,', '          4 calls and 98 stickers'],
  );
});
