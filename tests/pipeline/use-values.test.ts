import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf, parseText } from '../kit/parse-errors.ts';

const good = `name: demo
stages:
  chat: { kind: fetch, params: { source: data } }
  model:
    kind: learn
    inputs: { chat: chat }
    params: { use: configs/short.yaml, seed: 5 }
`;
const used = {
  'configs/short.yaml': 'steps: 10\nseed: 1\nschedule: { kind: cosine, peak: 0.1 }\n',
  'configs/long.yaml': 'steps: 900\nschedule: { kind: constant, peak: 0.2 }\n',
  'other/long.yaml': 'steps: 901\n',
  'cosine.yaml': 'kind: cosine\npeak: 0.3\n',
};

const paramsOf = (text: string, ...sets: string[]) =>
  parseText(text, { sets, used }).points.map(({ stages }) => stages[1]!.params);

/** The file with another `use:`, as somebody would edit it. */
const edited = (more: string): string => good.replace('use: configs/short.yaml', more);

test('--set of a `use` does what the same edit of the file does: keys beside it win', () => {
  const [long] = paramsOf(edited('use: configs/long.yaml'));
  assert.deepEqual(long, { steps: 900, schedule: { kind: 'constant', peak: 0.2 }, seed: 5 });
  assert.deepEqual(paramsOf(good, 'stages.model.params.use=configs/long.yaml'), [long]);
  assert.deepEqual(paramsOf(good, 'stages.model.params={use: configs/long.yaml, seed: 5}'), [long]);
  const schedule = 'stages.model.params.schedule';
  const [cosine] = paramsOf(edited('use: configs/short.yaml, schedule: { use: cosine.yaml }'));
  assert.deepEqual(cosine!['schedule'], { kind: 'cosine', peak: 0.3, warmupSteps: 100 });
  assert.deepEqual(paramsOf(good, `${schedule}.use=cosine.yaml`), [cosine]);
  assert.deepEqual(paramsOf(good, `${schedule}={use: cosine.yaml}`), [cosine]);
});

test('values that --set gives before or after a `use` win over its keys', () => {
  const use = 'stages.model.params.use=configs/long.yaml';
  const steps = 'stages.model.params.steps=7';
  assert.deepEqual(paramsOf(good, use, steps), paramsOf(good, steps, use));
  assert.equal(paramsOf(good, use, steps)[0]!['steps'], 7);
});

test('a --set of a mapping still replaces the one of a used file, instead of being merged with it', () => {
  assert.deepEqual(paramsOf(good, 'stages.model.params.schedule={kind: constant, peak: 1}')[0]!['schedule'], {
    kind: 'constant',
    peak: 1,
  });
});

const sweepOf = (sweep: string): string => `${good}sweep:\n  ${sweep}\n`;

test('a sweep over used files: each point has the params of its file, and is named after it', () => {
  const files = '[configs/short.yaml, configs/long.yaml]';
  const alone = (file: string) => paramsOf(edited(`use: ${file}`))[0];
  for (const sweep of [
    `stages.model.params.use: ${files}`,
    `list: { stages.model.params.use: ${files} }`,
    'stages.model.params: [{ use: configs/short.yaml }, { use: configs/long.yaml }]',
  ]) {
    const { points } = parseText(sweepOf(sweep), { used });
    assert.deepEqual(
      points.map(({ point }) => point!.title),
      ['params=short', 'params=long'],
    );
    if (sweep.includes('.use'))
      assert.deepEqual(
        points.map(({ stages }) => stages[1]!.params),
        [alone('configs/short.yaml'), alone('configs/long.yaml')],
      );
  }
  const random = parseText(sweepOf(`random: { count: 2, stages.model.params.use: ${files} }`), { used });
  assert.deepEqual(random.points.map(({ point }) => point!.title).sort(), ['params=long', 'params=short']);
});

test('other swept values win over the keys of a swept file', () => {
  const sweep = 'stages.model.params.steps: [1, 2]\n  stages.model.params.use: [configs/long.yaml]';
  assert.deepEqual(
    parseText(sweepOf(sweep), { used }).points.map(({ stages, point }) => [stages[1]!.params['steps'], point!.title]),
    [
      [1, 'steps=1 params=long'],
      [2, 'steps=2 params=long'],
    ],
  );
});

test('files of the same name keep their folders in the titles; other values keep their text', () => {
  const same = parseText(sweepOf('stages.model.params.use: [configs/long.yaml, other/long.yaml]'), {
    used: { ...used, 'other/long.yaml': used['configs/long.yaml'] },
  });
  assert.deepEqual(
    same.points.map(({ point }) => point!.title),
    ['params=configs/long.yaml', 'params=other/long.yaml'],
  );
  const text = parseText(sweepOf('stages.chat.params.source: [a/b.yaml, c.yaml]'), { used });
  assert.deepEqual(
    text.points.map(({ point }) => point!.title),
    ['source=a/b.yaml', 'source=c.yaml'],
  );
});

test('a missing file is reported once, where it is named', () => {
  assert.match(
    errorsOf(good, { sets: ['stages.model.params.use=none.yaml'], used }),
    /^--set error no file "none\.yaml"\n {2}\| stages\.model\.params\.use=none\.yaml\n {2}\| {25}\^{9}\n[^\n]*$/,
  );
  assert.match(
    errorsOf(sweepOf('stages.model.params.use: [configs/long.yaml, none.yaml]\n  stages.model.params.steps: [1, 2]'), {
      used,
    }),
    /^p\.yaml:9:\d+ error no file "none\.yaml"\n[^\n]*\n[^\n]*\^{9}\n[^\n]*$/,
  );
  assert.match(errorsOf(good, { sets: ['stages.model.params.use=3'], used }), /`use` takes the path of one file/);
});

test('a `use` in a plain value is refused', () => {
  assert.match(
    errorsOf(good, { sets: ['stages.model.params.seed.use=cosine.yaml'], used }),
    /goes through a plain value/,
  );
});
