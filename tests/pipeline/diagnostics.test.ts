import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { renderDiagnostics } from '../../src/pipeline/diagnostic/render.ts';
import { fakeKinds } from '../kit/kinds.ts';
import { errorsOf } from '../kit/parse-errors.ts';

const plain = { red: String, dim: String, bold: String, cyan: String };
const good = `name: demo
stages:
  chat: { kind: fetch, params: { source: data } }
  model: { kind: learn, inputs: { chat: chat }, params: { steps: 10, schedule: { kind: cosine, peak: 3.0e-4 } } }
`;

test('a --set is shown as it was typed, with a caret at the step or value at fault', () => {
  const bad = [
    'stages.modle.params.steps=1',
    'stages..steps=1',
    '=3',
    'nothing',
    'stages.model.parms.steps=1',
    'stages.model.params.steps=[1',
    'stages.model.params.steps.deep=1',
  ];
  assert.equal(
    bad.map((set) => errorsOf(good, { sets: [set] })).join('\n\n'),
    `--set error no stage "modle"
  | stages.modle.params.steps=1
  |        ^^^^^
   hint: did you mean "model"?

--set error a step of the path is empty
  | stages..steps=1
  |        ^
   hint: a path is words with dots between them: stages.model.params.steps

--set error no path before the "="
  | =3
  | ^^
   hint: --set stages.model.params.steps=500

--set error missing "="
  | nothing
  | ^^^^^^^
   hint: --set stages.model.params.steps=500

--set error unknown key "parms" of a stage
  | stages.model.parms.steps=1
  |              ^^^^^
   hint: did you mean "params"?

--set error the value is not YAML: flow sequence must end with a ]
  | stages.model.params.steps=[1
  |                             ^
   hint: a value with spaces, colons or brackets may need its own quotes: 'path="a: b"'

--set error "stages.model.params.steps.deep" goes through a plain value, or past the end of a list
  | stages.model.params.steps.deep=1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  );
});

test('problems in values of --set are located in the argument, all of them at once', () => {
  assert.equal(
    errorsOf(good, {
      sets: [
        'stages.model.params.schedul.peak=1',
        'stages.model.params.steps=-2',
        'stages.model.runtime.logEvery=often',
      ],
    }),
    `--set error unknown key "schedul"
  | stages.model.params.schedul.peak=1
  |                     ^^^^^^^
   hint: did you mean "schedule"?

--set error "steps" must be at least 1, not -2
  | stages.model.params.steps=-2
  |                           ^^
   hint: optimizer updates

--set error expected a whole number, found text "often"
  | stages.model.runtime.logEvery=often
  |                               ^^^^^
   hint: write the number without quotes, commas or units`,
  );
});

test('inside the value of a --set, the caret points at the exact word', () => {
  assert.equal(
    errorsOf(good, { sets: ['stages.model.params.schedule={ kind: cosine, peek: 1, peak: -1 }'] }),
    `--set error unknown key "peek"
  | stages.model.params.schedule={ kind: cosine, peek: 1, peak: -1 }
  |                                              ^^^^
   hint: did you mean "peak"?

--set error "peak" must be greater than 0, not -1
  | stages.model.params.schedule={ kind: cosine, peek: 1, peak: -1 }
  |                                                             ^^`,
  );
});

test('problems of a sweep are located at the wrong step of a path or at the wrong value', () => {
  assert.equal(
    errorsOf(`${good}sweep:\n  stages.modle.params.steps: [1]\n  "stages.model.parms.steps": [1]\n  steps: [1]\n`),
    `p.yaml:6:10 error no stage "modle"
 6 |   stages.modle.params.steps: [1]
   |          ^^^^^
   hint: did you mean "model"?

p.yaml:7:17 error unknown key "parms" of a stage
 7 |   "stages.model.parms.steps": [1]
   |                 ^^^^^
   hint: did you mean "params"?

p.yaml:8:3 error unknown key "steps"
 8 |   steps: [1]
   |   ^^^^^
   hint: a dotted path, or one of: grid, list, random, objective, halving`,
  );
  assert.equal(
    errorsOf(
      `${good}sweep:\n  stages.model.params.stepz: [1, 2]\n  stages.model.params.schedul.peak: [1]\n  stages.model.params.schedule: [{ kind: cosine, peak: 1 }, { kind: cosine, peek: 2, peak: -1 }]\n`,
    ),
    `p.yaml:6:23 error unknown key "stepz"
 6 |   stages.model.params.stepz: [1, 2]
   |                       ^^^^^
   hint: did you mean "steps"?

p.yaml:7:23 error unknown key "schedul"
 7 |   stages.model.params.schedul.peak: [1]
   |                       ^^^^^^^
   hint: did you mean "schedule"?

p.yaml:8:77 error unknown key "peek"
 8 |   stages.model.params.schedule: [{ kind: cosine, peak: 1 }, { kind: cosine, peek: 2, peak: -1 …
   |                                                                             ^^^^
   hint: did you mean "peak"?

p.yaml:8:92 error "peak" must be greater than 0, not -1
 8 | …stages.model.params.schedule: [{ kind: cosine, peak: 1 }, { kind: cosine, peek: 2, peak: -1 }]
   |                                                                                           ^^`,
  );
});

test('mistakes in a used file are located there; a folder, a missing file or a nested `use:` where it is used', () => {
  const text = good.replace('{ steps: 10, schedule', '{ use: m.yaml, schedule');
  assert.equal(
    errorsOf(text, { used: { 'm.yaml': 'steps: many\nstpes: 3\n' } }),
    `m.yaml:1:8 error expected a whole number, found text "many"
 1 | steps: many
   |        ^^^^
   hint: write the number without quotes, commas or units

m.yaml:2:1 error unknown key "stpes"
 2 | stpes: 3
   | ^^^^^
   hint: did you mean "steps"?`,
  );
  assert.equal(
    errorsOf(text, { used: { 'm.yaml': 'steps: 3\nschedule:\n  use: n.yaml\n' } }),
    `p.yaml:4:64 error "m.yaml" uses another file itself, in line 3
 4 |   model: { kind: learn, inputs: { chat: chat }, params: { use: m.yaml, schedule: { kind: cosin…
   |                                                                ^^^^^^
   hint: a used file cannot \`use\` another`,
  );
  assert.match(errorsOf(text, { used: { 'm.yaml': 'a: [1' } }), /^m\.yaml:1:\d+ error flow sequence/);
});

test('says where a key belongs that stands one level too high', () => {
  const text = good.replace('kind: learn,', 'kind: learn, steps: 3,');
  assert.match(errorsOf(text), /unknown key "steps"[^]*hint: it belongs in params: params: \{ steps: … \}/);
});

test('hints for numbers with units, words for true, and text without quotes', () => {
  const params = Type.Object(
    {
      count: Type.Integer({ default: 1 }),
      share: Type.Number({ default: 0.5 }),
      name: Type.String({ default: '' }),
      time: Type.String({ default: '1s', pattern: '^\\d+[smh]$', description: 'a time such as 30m' }),
      on: Type.Boolean({ default: true }),
      list: Type.Array(Type.String(), { default: [] }),
      mode: Type.Union([Type.Literal('fast'), Type.Literal('exact')], { default: 'fast' }),
      size: Type.Union([Type.Literal('auto'), Type.Integer({ minimum: 1 })], { default: 'auto' }),
    },
    { additionalProperties: false },
  );
  const kinds = { fetch: { ...fakeKinds['fetch']!, params, sources: [] } };
  const hintFor = (written: string): string =>
    errorsOf(`name: x\nstages:\n  a: { kind: fetch, params: { ${written} } }\n`, { kinds })
      .replace(/^p\.yaml:3:\d+ error /, '')
      .split('\n')
      .filter((line) => !line.includes(' | '))
      .map((line) => line.trim())
      .join(' · ');
  assert.deepEqual(
    [
      'count: "1,000"',
      'count: 10k',
      'count: 2.5k',
      'count: 5 %',
      'share: 5%',
      'share: 0.5x',
      'count: 1.5',
      'name: { x }',
      'name: 5',
      'time: 5',
      'on: yes',
      'on: "off"',
      'list: a',
      'mode: exct',
      'mode: 3',
      'size: huge',
      'size: 0',
    ].map(hintFor),
    [
      'expected a whole number, found text "1,000" · hint: write 1000',
      'expected a whole number, found text "10k" · hint: write 10000',
      'expected a whole number, found text "2.5k" · hint: write 2500',
      'expected a whole number, found text "5 %" · hint: write the number without quotes, commas or units',
      'expected a number, found text "5%" · hint: write 0.05',
      'expected a number, found text "0.5x" · hint: write the number without quotes, commas or units',
      'expected a whole number, found number 1.5',
      'expected text, found a mapping · hint: text that starts with "{" or contains ": " needs quotes',
      'expected text, found number 5 · hint: put it in quotes to make it text: "5"',
      'expected text, found number 5 · hint: a time such as 30m',
      'expected true or false, found text "yes" · hint: write true',
      'expected true or false, found text "off" · hint: write false',
      'expected a list, found text "a" · hint: for a list of one, write ["a"]',
      '"exct" is not one of "fast", "exact" · hint: did you mean "exact"?',
      '3 is not one of "fast", "exact"',
      'expected "auto" or a whole number, found text "huge"',
      '"size" must be at least 1, not 0',
    ],
  );
});

test('rules between values, and ranges, are checked before anything runs', () => {
  const kinds = {
    ...fakeKinds,
    learn: {
      ...fakeKinds['learn']!,
      check: ({ steps, schedule }: { steps: number; schedule: { warmupSteps?: number } }) =>
        (schedule.warmupSteps ?? 0) > steps
          ? [{ path: 'schedule.warmupSteps', message: `the warm-up is longer than the training of ${steps} steps` }]
          : [],
    },
  };
  assert.equal(
    errorsOf(good.replace('peak: 3.0e-4', 'peak: 3.0e-4, warmupSteps: 20'), { kinds }),
    `p.yaml:4:123 error the warm-up is longer than the training of 10 steps
 4 | …at: chat }, params: { steps: 10, schedule: { kind: cosine, peak: 3.0e-4, warmupSteps: 20 } } }
   |                                                                                        ^^`,
  );
});

test('long lines are cut around the problem to the width of the terminal; wide and invisible characters do not move the caret', () => {
  const long = good.replace('peak: 3.0e-4', `peak: 3.0e-4${' '.repeat(300)}, peek: 1`);
  for (const line of errorsOf(long, {}, 60).split('\n').slice(1, 3)) assert.ok(stringWidth(line) <= 60, line);
  assert.equal(
    errorsOf('名前: x\nname: 茶\nstages: { chat: { kind: "\u200bfetch" } }\n'),
    `p.yaml:1:1 error unknown key "名前"
 1 | 名前: x
   | ^^^^
   hint: known keys: name, experiment, description, tags, notes, seed, tracking, stages, sweep

p.yaml:2:7 error "茶" does not have the expected form
 2 | name: 茶
   |       ^^
   hint: name of the pipeline and its runs: letters, digits, spaces, "-" and "_"

p.yaml:3:25 error unknown kind "\u200bfetch"
 3 | stages: { chat: { kind: "\u200bfetch" } }
   |                         ^^^^^^^
   hint: did you mean "fetch"?`,
  );
  assert.equal(
    errorsOf('name: x\nstages: { chat: { kind: fetch, params: { source: "茶茶́é", sauce: 1 } } }\n'),
    `p.yaml:2:58 error unknown key "sauce"
 2 | stages: { chat: { kind: fetch, params: { source: "茶茶́é", sauce: 1 } } }
   | ${' '.repeat(58)}^^^^^
   hint: did you mean "source"?`,
  );
  const hidden = new PipelineFileError(
    [{ file: 'p', line: 1, column: 3, length: 2, message: 'm' }],
    new Map([['p', 'a\u001b[31mb\tc\u202e']]),
  );
  assert.equal(renderDiagnostics(hidden, plain), 'p:1:3 error m\n 1 | a·[31mb c·\n   |   ^^');
});

test('no line is wider than the terminal, and the caret is under the problem', () => {
  const word = fc
    .array(fc.constantFrom('a', 'b', '茶', 'é', '\t', ' ', '👩‍👧', '\u0301'), { maxLength: 120 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      word,
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 30, max: 120 }),
      (text, start, length, columns) => {
        const source = `${text}X${text}`;
        const at = Math.min(start, source.length);
        const error = new PipelineFileError(
          [{ file: 'p', line: 1, column: at + 1, length, message: 'm' }],
          new Map([['p', source]]),
        );
        const [, shown = '', carets = ''] = renderDiagnostics(error, plain, { columns }).split('\n');
        assert.ok(stringWidth(shown) <= columns + 1, `${stringWidth(shown)} > ${columns}: ${shown}`);
        assert.match(carets, /^ {3}\| *\^+$/);
      },
    ),
  );
});
