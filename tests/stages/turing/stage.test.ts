import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readBlindTest } from '../../../src/artifacts/questions.ts';
import { StageInputError } from '../../../src/pipeline/stage-kind.ts';
import { contract as turing } from '../../../stages/turing/contract.ts';
import { digestsOf, metricsOf, runStage as runKind, skipWithoutTensorFlow, temporaryFolder } from '../model-kit.ts';
import { writeSpeaker, writeSpokenTokens } from './speaker-kit.ts';

const folder = temporaryFolder();
let tokens = '';
const writeTokens = (name: string, count: number, params?: object): Promise<string> =>
  writeSpokenTokens(join(folder.dir, name), count, params);

before(async () => {
  tokens = await writeTokens('tokens', 150);
  await writeSpeaker(join(folder.dir, 'large'), 5);
  await writeSpeaker(join(folder.dir, 'small'), 5);
});
after(folder.remove);

const SMALL = {
  engine: 'tensorflow',
  questions: 8,
  automatic: 20,
  duels: 3,
  context: 2,
  lines: 2,
  lengthWithin: 1,
  turns: 'asReal',
  catch: 0.25,
  repeats: 0.25,
  draws: 6,
  topK: 16, // more than the words that are likely; sampling from all of 50,257 takes most of the time
};

async function run(name: string, params: object, inputs: Record<string, string> = {}) {
  return runKind(turing, {
    dir: join(folder.dir, name),
    inputs: { 'held-out': tokens, large: join(folder.dir, 'large'), ...inputs },
    params: { ...SMALL, ...params },
  });
}

test('makes a whole test, and the same bytes each time', { skip: skipWithoutTensorFlow }, async () => {
  const first = await run('first', {});
  const { questions, key, report, persons } = readBlindTest(first.outDir);
  assert.deepEqual(report.asked, { questions: 8, catch: 2, repeats: 2, duels: 3 });
  assert.equal(questions.length, 15);
  const { automatic } = report;
  assert.ok(automatic >= 11 && automatic <= 20, `${automatic} pairs`);
  const count = (kind: string): number => key.filter((entry) => entry.kind === kind).length;
  assert.deepEqual([count('question') + count('automatic'), count('floor')], [automatic, 3 * automatic]);
  assert.ok(count('real') >= 15);
  assert.ok(key.every(({ kind, rival }) => kind !== 'catch' || rival === 'eliza'));
  assert.deepEqual(Object.keys(report.floors).sort(), ['eliza', 'elsewhere', 'ngram']);
  assert.deepEqual(Object.values(persons).sort(), ['Ann', 'Ben']);
  const documents = key
    .slice(0, questions.length)
    .filter(({ kind }) => kind !== 'repeat')
    .map(({ document }) => document);
  assert.equal(new Set(documents).size, documents.length, 'a conversation is asked about once');
  for (const { a, b, context } of questions) {
    assert.deepEqual([context.length, a.length, b!.length], [2, 2, 2]);
    assert.equal(a[0]![0], b![0]![0], 'the first speaker is the same');
  }
  for (const { kind, chars, real } of key)
    if (kind === 'question') {
      const [own, other] = real === 'a' ? chars : [chars[1], chars[0]];
      assert.ok(own >= 40 && Math.abs(own - other) <= Math.max(15, own), `${own} ${other}`);
    }
  assert.equal(metricsOf(first.events, 'turing/passed_over')[0]![1], report.byModel['large']!.passedOverShare);

  const { health, drawn } = report.byModel['large']!;
  assert.equal(health.real.lines, 2 * drawn);
  assert.ok(health.generated.lines > drawn / 2, `${health.generated.lines} lines of ${drawn} texts`);
  assert.match(
    readFileSync(join(first.outDir, 'report.md'), 'utf8'),
    new RegExp(
      String.raw`\| \| generated \| real \| \|\n.*\n\| lines \| ${health.generated.lines} \| ${health.real.lines} \| \|`,
    ),
  );

  const written = ['key.jsonl', 'report.json', 'report.md'].map((file) =>
    readFileSync(join(first.outDir, file), 'utf8'),
  );
  for (const secret of ['Hello', 'Ann', 'Ben', 'fine'])
    assert.ok(
      !`${written.join('')}${JSON.stringify(first.events)}`.includes(secret),
      `no word of a conversation: ${secret}`,
    );

  const digests = digestsOf(first.outDir);
  assert.deepEqual(Object.keys(digests), ['key.jsonl', 'persons.json', 'questions.jsonl', 'report.json', 'report.md']);
  assert.deepEqual(digestsOf((await run('first', {})).outDir), digests);
});

test(
  'two checkpoints are asked about in turn, and judged on the same conversations',
  { skip: skipWithoutTensorFlow },
  async () => {
    const { outDir } = await run('two', { questions: 4, duels: 1 }, { small: join(folder.dir, 'small') });
    const { key, report } = readBlindTest(outDir);
    assert.deepEqual(report.models, ['large', 'small']);
    const documentsOf = (rival: string): string =>
      key
        .filter((entry) => entry.rival === rival && entry.margins !== null)
        .map(({ document }) => document)
        .sort((a, b) => a - b)
        .join(' ');
    assert.equal(documentsOf('large'), documentsOf('small'));
    const asked = key.filter(({ kind }) => kind === 'question');
    assert.deepEqual(
      ['large', 'small'].map((name) => asked.filter(({ rival }) => rival === name).length),
      [4, 4],
    );
    assert.equal(new Set(asked.map(({ document }) => document)).size, 8);
  },
);

test('says what to change if there is too little text', { skip: skipWithoutTensorFlow }, async () => {
  const fails = async (params: object, message: RegExp, hint: RegExp, inputs: Record<string, string> = {}) =>
    assert.rejects(run('fails', params, inputs), (error: StageInputError) => {
      assert.ok(error instanceof StageInputError, String(error));
      assert.match(error.message, message);
      assert.match(error.hint!, hint);
      return true;
    });
  await fails(
    { questions: 500 },
    /^\d+ of \d+ held-out conversations are suitable, and 628 are needed/,
    /raise `test` of the tokenize stage, or lower/,
  );
  await fails(
    { context: 40 },
    /^0 of \d+ held-out conversations are suitable.*\(too few lines: \d+\)/,
    /`context` or `lines`/,
  );
  await fails(
    { lengthWithin: 0, lines: 5, draws: 1, questions: 20 },
    /wrote a matching text for only \d+ of \d+ real ones, and 23 are needed/,
    /raise `draws`/,
  );
  const without = await writeTokens('without-test', 60, { test: 0, validation: 0.4 });
  await fails({}, /nothing is held out: the tokens have no test text/, /set split: validation/, {
    'held-out': without,
  });
});

test('held-out text that is in train makes the stage fail', { skip: skipWithoutTensorFlow }, async () => {
  const leaking = await writeTokens('leaking', 150, { leaks: 'allow' });
  // The held-out conversations are given as the text to train on.
  const path = join(leaking, 'index.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as { splits: Record<string, unknown> };
  index.splits['train'] = index.splits['test'];
  writeFileSync(path, JSON.stringify(index));
  await assert.rejects(run('leaks', {}, { 'held-out': leaking }), /held-out texts repeat the training text/);
});

test('a pipeline without a checkpoint, or with one that has the name of a rival, is refused before it runs', () => {
  const faults = (ports: string[]) =>
    turing.check!({ engine: 'tfjs', precision: 'fp32' } as never, ports).map(({ message }) => message);
  assert.deepEqual(faults(['held-out', 'model']), []);
  assert.match(faults(['held-out'])[0]!, /no checkpoint to test/);
  assert.match(faults(['held-out', 'eliza'])[0]!, /cannot be called "eliza"/);
});
