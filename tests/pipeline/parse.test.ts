import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { renderDiagnostics } from '../../src/pipeline/diagnostic/render.ts';
import { fakeKinds } from '../kit/kinds.ts';

const plain = { red: String, dim: String, bold: String, cyan: String };
const good = `
name: demo
seed: 5
stages:
  chat: { kind: fetch, params: { source: data } }
  model:
    kind: learn
    inputs: { chat: chat }
    params: { steps: 10, schedule: { kind: cosine, peak: 3.0e-4 } }
  report: { kind: judge, inputs: { checkpoint: model, held-out: chat } }
`;

function parse(text: string, options: { sets?: string[]; used?: Record<string, string> } = {}) {
  const readUsed = (path: string) =>
    options.used?.[path] === undefined ? null : { file: path, text: options.used[path] };
  return parsePipeline({ file: 'p.yaml', text, sets: options.sets ?? [], kinds: fakeKinds, readUsed });
}

function errorsOf(text: string, options: Parameters<typeof parse>[1] = {}): string {
  try {
    parse(text, options);
  } catch (error) {
    if (error instanceof PipelineFileError) return renderDiagnostics(error, plain);
    throw error;
  }
  throw new assert.AssertionError({ message: 'no error' });
}

test('a valid file becomes a pipeline with every default filled in', () => {
  const [pipeline] = parse(good).points;
  assert.deepEqual(pipeline?.stages[1], {
    name: 'model',
    kind: 'learn',
    inputs: { chat: 'chat' },
    params: { steps: 10, seed: 5, schedule: { kind: 'cosine', peak: 0.0003, warmupSteps: 100 } },
    runtime: { logEvery: 10 },
  });
  assert.equal(pipeline?.experiment, null, 'the tracker decides: its variable, or the name of the pipeline');
  assert.deepEqual(pipeline?.stages[0]?.params, { source: 'data', format: 'messenger' });
});

test('a union without a value takes its default branch', () => {
  const [pipeline] = parse(good.replace(', schedule: { kind: cosine, peak: 3.0e-4 }', '')).points;
  assert.deepEqual(pipeline?.stages[1]?.params['schedule'], { kind: 'constant', peak: 0.001 });
});

test('reports all mistakes at once, in the order of the file, each with location, caret and hint', () => {
  const text = good
    .replace('steps: 10', 'stepz: 10')
    .replace('kind: fetch', 'kind: fetcher')
    .replace('peak: 3.0e-4', 'peek: 1, peak: -1')
    .replace('held-out: chat', 'heldout: chta');
  assert.equal(
    errorsOf(text),
    `p.yaml:5:17 error unknown kind "fetcher"
 5 |   chat: { kind: fetcher, params: { source: data } }
   |                 ^^^^^^^
   hint: did you mean "fetch"?

p.yaml:9:5 error "steps" is missing
 9 |     params: { stepz: 10, schedule: { kind: cosine, peek: 1, peak: -1 } }
   |     ^^^^^^
   hint: steps: optimizer updates

p.yaml:9:15 error unknown key "stepz"
 9 |     params: { stepz: 10, schedule: { kind: cosine, peek: 1, peak: -1 } }
   |               ^^^^^
   hint: did you mean "steps"?

p.yaml:9:52 error unknown key "peek"
 9 |     params: { stepz: 10, schedule: { kind: cosine, peek: 1, peak: -1 } }
   |                                                    ^^^^
   hint: did you mean "peak"?

p.yaml:9:67 error "peak" must be greater than 0, not -1
 9 |     params: { stepz: 10, schedule: { kind: cosine, peek: 1, peak: -1 } }
   |                                                                   ^^

p.yaml:10:55 error stages of kind judge have no input "heldout"
 10 |   report: { kind: judge, inputs: { checkpoint: model, heldout: chta } }
    |                                                       ^^^^^^^
   hint: did you mean "held-out"?`,
  );
});

test('reports an input that does not exist, one of the wrong type, and a cycle', () => {
  assert.match(
    errorsOf(good.replace('chat: chat', 'chat: chatt')),
    /no stage "chatt"\n.*\n.*\n {3}hint: did you mean "chat"\?/,
  );
  assert.match(
    errorsOf(good.replace('checkpoint: model', 'checkpoint: chat')),
    /"chat" makes conversations, but "checkpoint" takes a checkpoint/,
  );
  const cycle = `name: c
stages:
  a: { kind: learn, inputs: { x: c }, params: { steps: 1 } }
  b: { kind: learn, inputs: { x: a }, params: { steps: 1 } }
  c: { kind: learn, inputs: { x: b }, params: { steps: 1 } }
`;
  assert.match(errorsOf(cycle), /stages wait for each other: (a → b → c → a|b → c → a → b|c → a → b → c)/);
});

test('syntax errors, duplicate keys and an empty file have a location', () => {
  assert.match(errorsOf('name: [1, 2\nstages:'), /^p\.yaml:2:\d+ error/);
  assert.match(
    errorsOf(good.replace('seed: 5', 'name: again')),
    /^p\.yaml:3:1 error duplicate key "name"\n.*\n.*\n {3}hint: first used in line 2/,
  );
  assert.match(errorsOf(''), /contains no mapping/);
  assert.match(
    errorsOf(
      'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]',
    ),
    /aliases/,
  );
});

test('`use:` includes one file; keys beside it win, also in nested mappings; problems in it are located in that file', () => {
  const text = good.replace(
    'params: { steps: 10, schedule: { kind: cosine, peak: 3.0e-4 } }',
    'params: { use: m.yaml, schedule: { peak: 0.5 } }',
  );
  const used = { 'm.yaml': 'steps: 20\nschedule:\n  kind: cosine\n  peak: 0.1\n' };
  assert.deepEqual(parse(text, { used }).points[0]?.stages[1]?.params, {
    steps: 20,
    schedule: { kind: 'cosine', peak: 0.5, warmupSteps: 100 },
    seed: 5,
  });
  assert.match(
    errorsOf(text, { used: { 'm.yaml': 'steps: 20\nstpes: 3\nschedule: { kind: cosine }' } }),
    /^m\.yaml:2:1 error unknown key "stpes"/,
  );
  assert.match(errorsOf(text, { used: { 'm.yaml': 'use: n.yaml' } }), /uses another file itself/);
  assert.match(errorsOf(text), /^p\.yaml:9:20 error no file "m.yaml"/);
});

test('`--set` changes one value, also one that the file leaves at its default; a wrong path names the nearest stage', () => {
  const changed = parse(good, { sets: ['stages.model.params.schedule.peak=1e-3', 'stages.model.runtime.logEvery=3'] })
    .points[0]?.stages[1];
  assert.deepEqual(
    [changed?.params['schedule'], changed?.runtime],
    [{ kind: 'cosine', peak: 0.001, warmupSteps: 100 }, { logEvery: 3 }],
  );
  assert.match(
    errorsOf(good, { sets: ['stages.modle.params.steps=1'] }),
    /^--set error no stage "modle"\n {2}\| stages.modle.params.steps=1\n {2}\| {8}\^{5}\n {3}hint: did you mean "model"\?/,
  );
  assert.match(errorsOf(good, { sets: ['model.params.steps=1'] }), /hint: stages.model.params.steps/);
  assert.match(
    errorsOf(good, { sets: ['stages.model.params.steps=lots'] }),
    /^--set error expected a whole number, found text "lots"\n {2}\| stages.model.params.steps=lots\n {2}\| {27}\^{4}\n/,
  );
  assert.match(errorsOf(good, { sets: ['nothing'] }), /missing "="/);
});

test('a sweep gives one pipeline for each combination, named by what differs', () => {
  const text = `${good}
sweep:
  stages.model.params.schedule.peak: [1.0e-4, 3.0e-4]
  stages.model.params.steps: [5, 6]
`;
  const { points, swept } = parse(text);
  assert.equal(swept, true);
  assert.deepEqual(
    points.map(({ point }) => point?.title),
    ['peak=0.0001 steps=5', 'peak=0.0001 steps=6', 'peak=0.0003 steps=5', 'peak=0.0003 steps=6'],
  );
  assert.deepEqual(points[3]?.stages[1]?.params['schedule'], { kind: 'cosine', peak: 0.0003, warmupSteps: 100 });
  assert.match(errorsOf(`${good}\nsweep: { stages.model.params.steps: [5, 0] }`), /"steps" must be at least 1, not 0/);
  assert.match(errorsOf(`${good}\nsweep: { stages.model.params.steps: 5 }`), /expected a list of values/);
  assert.match(errorsOf(`${good}\nsweep: { stages.modle.params.steps: [5] }`), /no stage "modle"/);
  assert.match(errorsOf(`${good}\nsweep: { stages.model.params.steps: [5, 5] }`), /duplicate value/);
});

test('a problem that every point of a sweep shares is reported once', () => {
  const text = `${good.replace('steps: 10', 'steps: 10, extra: 1')}\nsweep: { stages.model.params.steps: [5, 6, 7] }`;
  assert.equal(errorsOf(text).match(/unknown key "extra"/g)?.length, 1);
});
