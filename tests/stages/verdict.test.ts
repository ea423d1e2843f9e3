import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { contract } from '../../stages/verdict/contract.ts';
import { digestOfBlindTest, writeBlindTest } from '../../src/artifacts/questions.ts';
import { summedLine } from '../../src/files/summed-line.ts';
import type { VerdictReport } from '../../src/judging/report.ts';
import type { JudgeAnswers } from '../../src/judging/judge-figures.ts';
import { simulated, testOf } from '../judging/kit.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { runStage } from './model-kit.ts';

const asked = testOf({
  questions: 20,
  catch: 4,
  catchRival: 'eliza',
  repeats: 2,
  duels: 3,
  lines: () => [['Xanthippe', 'plugh xyzzy']],
});
asked.persons = { 1: 'Xanthippe', 2: 'Bartholomew', 3: 'Cunegonde' };

/** A folder with the test, and the answers of these judges by name. */
function setUp(context: TestContext, judges: Record<string, JudgeAnswers>, { digest }: { digest?: string } = {}) {
  const dir = temporaryDir(context);
  const [questions, answers] = [join(dir, 'questions'), join(dir, 'answers')];
  for (const folder of [questions, answers]) mkdirSync(folder);
  writeBlindTest(questions, asked);
  for (const [judge, { header, records }] of Object.entries(judges)) {
    const lines = [
      {
        answers: 'chat-runner/answers/1',
        questions: digest ?? digestOfBlindTest(questions),
        judge,
        ...header,
        order: 7,
      },
      ...records,
    ];
    writeFileSync(
      join(answers, `${judge}.jsonl`),
      lines.map((line) => `${summedLine(JSON.stringify(line))}\n`).join(''),
    );
  }
  const run = (sources: Record<string, string> = { answers }) =>
    runStage(contract, { dir, inputs: { questions }, sources, params: {} });
  return { dir, answers, run };
}

const reportIn = (dir: string): VerdictReport =>
  JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as VerdictReport;
const perfect = simulated(asked, ({ entry }) => entry.real ?? entry.model!);
const left = simulated(asked, (seen) => seen.left, { order: 9, tookPart: true });

test('the report has figures of people and programs, and no name and no word of the chats', async (context) => {
  const { run } = setUp(context, { Xanthippe: perfect, 'Zoë Q': left });
  const { outDir, events } = await run();
  assert.deepEqual(readdirSync(outDir).sort(), [
    'answers.csv',
    'judges.json',
    'persons.json',
    'report.json',
    'report.md',
  ]);
  const report = reportIn(outDir);
  const [first, second] = report.people;
  assert.deepEqual([first!.judge, first!.right, first!.answers], ['A', 20, 20]);
  assert.deepEqual([second!.judge, second!.answers, second!.tookPart], ['B', 20, true]);
  assert.deepEqual(JSON.parse(readFileSync(join(outDir, 'judges.json'), 'utf8')), { A: 'Xanthippe', B: 'Zoë Q' });
  assert.deepEqual(JSON.parse(readFileSync(join(outDir, 'persons.json'), 'utf8')), asked.persons);
  assert.deepEqual(contract.trackedFiles, ['report.json', 'report.md']);
  const tracked = [...contract.trackedFiles, 'answers.csv'].map((name) => readFileSync(join(outDir, name), 'utf8'));
  for (const text of [...tracked, JSON.stringify(events)])
    assert.doesNotMatch(text, /xanthippe|bartholomew|cunegonde|zoë|plugh|xyzzy/i);
  const metrics = Object.fromEntries(
    events.flatMap((event) => (event.kind === 'metric' ? [[event.name, event.value]] : [])),
  );
  assert.equal(metrics['judge/people/answers'], 40);
  assert.equal(metrics['judge/people/accuracy'], 1, 'of those from whom there is a conclusion');
  assert.ok(second!.refused.includes('inattentive'));
  for (const name of [
    'judge/people/low',
    'judge/people/high',
    ...['length', 'likelihood', 'surface', 'recite', 'aa'].map((program) => `judge/${program}/accuracy`),
  ])
    assert.ok(Number.isFinite(metrics[name]), name);
});

test('answers.csv has a row for each answer, with which R can fit a mixed-effects model', async (context) => {
  const { run } = setUp(context, { ann: perfect, bob: left });
  const { outDir } = await run();
  const [head, ...rows] = readFileSync(join(outDir, 'answers.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split(','));
  assert.equal(rows.length, 2 * 29);
  assert.ok(rows.every((row) => row.length === head!.length));
  const right = rows.filter((row) => row[0] === 'A' && row[3] === 'question' && row[head!.indexOf('right')] === '1');
  assert.equal(right.length, 20);
  assert.match(readFileSync(join(outDir, 'report.md'), 'utf8'), /glmer\(right ~ 1 \+ \(1 \| judge\)/);
});

test('without answers, and with an empty folder, the report is the same: that of programs', async (context) => {
  const { run, dir, answers } = setUp(context, {});
  const reports: string[] = [];
  for (const sources of [{}, { answers: join(dir, 'not there') }, { answers }]) {
    const { outDir } = await run(sources);
    reports.push(readFileSync(join(outDir, 'report.json'), 'utf8'));
    assert.equal(reportIn(outDir).machines['model']!.length.accuracy, 0.5);
    assert.match(readFileSync(join(outDir, 'report.md'), 'utf8'), /Nobody has answered yet/);
  }
  assert.equal(new Set(reports).size, 1);
});

test('answers to another test, and files of somebody else, are refused without a name', async (context) => {
  const { run, answers } = setUp(context, { ann: perfect, bob: perfect }, { digest: '34'.repeat(32) });
  await assert.rejects(run(), (error: Error) => {
    assert.match(
      error.message,
      /file 1 of 2 in .*answers, by name, answers another test: questions 343434343434, not [0-9a-f]{12}\./,
    );
    assert.doesNotMatch(error.message, /ann|bob/);
    return true;
  });
  writeFileSync(join(answers, 'ann.jsonl'), 'hello\n');
  await assert.rejects(run(), { name: 'StageInputError', message: /file 1 of 2 .* is damaged in line 1/ });
});

test('copies of one judge are refused, however they are called, and without a name', async (context) => {
  const { run, answers } = setUp(context, { ann: perfect, bob: left });
  const refused = async (name: string, message: RegExp): Promise<void> => {
    copyFileSync(join(answers, 'ann.jsonl'), join(answers, `${name}.jsonl`));
    await assert.rejects(run(), (error: Error) => {
      assert.equal(error.name, 'StageInputError');
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /ann|bob/i);
      return true;
    });
    rmSync(join(answers, `${name}.jsonl`));
  };
  await refused('ann (1)', /file 1 of 3 in .*, by name, has the name of another judge than its first line/);
  await refused('ANN', /files 1 and 2 of 3 in .*, by name, differ only in case or accents/);
  symlinkSync(join(answers, 'nowhere'), join(answers, 'Carl.jsonl'));
  await assert.rejects(run(), { name: 'StageInputError', message: /file 1 of 3 in .* is a link that leads nowhere/ });
});

test('a torn and a damaged line do not count, and the damaged one is said', async (context) => {
  const { run, answers } = setUp(context, { ann: perfect });
  const path = join(answers, 'ann.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  lines[3] = lines[3]!.replace('"ms":900', '"ms":901');
  writeFileSync(path, lines.join('\n').slice(0, -20));
  const { outDir, events } = await run();
  assert.deepEqual(
    reportIn(outDir).asking!.map(({ answered, asked }) => [answered, asked]),
    [[27, 29]],
  );
  const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
  assert.match(warnings.join(), /file 1 of 1 in .*, by name, is damaged in line 4: these answers do not count/);
});

test('the folder of answers is named so that `judge` finds it too', () => {
  const faults = (answers: string) => contract.check!({ answers, atMost: 0.6 }, []);
  for (const answers of ['./judgements', '../x', '.']) assert.equal(faults(answers).length, 1, answers);
  for (const answers of ['judgements/my-chats', '~/x', '/x', '.hidden']) assert.deepEqual(faults(answers), []);
});
