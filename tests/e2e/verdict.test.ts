import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeBlindTest } from '../../src/artifacts/questions.ts';
import { testOf } from '../judging/kit.ts';
import { runJson, runRunner, startRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('a verdict is cached until somebody answers, and old answers do not count for other questions', async (context) => {
  const dir = temporaryDir(context);
  const [runsDir, made, answers] = [join(dir, 'runs'), join(dir, 'made'), join(dir, 'judgements')];
  mkdirSync(made);
  writeBlindTest(made, testOf({ questions: 6 }));
  const file = join(dir, 'blind.yaml');
  writeFileSync(
    file,
    `name: blind
stages:
  test:
    kind: command
    params:
      argv: [sh, -c, 'cp "$0"/* "$1"', ${made}, '{out}']
      data: [${made}]
      output: questions
  verdict: { kind: verdict, inputs: { questions: test }, params: { answers: ${answers} } }
`,
  );
  const outcomes = async (): Promise<string[]> =>
    (await runJson([file], runsDir)).stages.map(({ name, outcome }) => `${name} ${outcome}`);
  assert.deepEqual(await outcomes(), ['test ran', 'verdict ran'], 'it does not wait for answers');
  assert.deepEqual(await outcomes(), ['test cached', 'verdict cached']);
  symlinkSync(join(dir, 'nowhere'), answers);
  const dangling = await runRunner(['run', file], runsDir);
  assert.notEqual(dangling.code, 0);
  assert.match(
    dangling.stdout + dangling.stderr,
    /cannot read "\S*judgements": \S*judgements is a link that leads nowhere/,
  );
  rmSync(answers);
  mkdirSync(answers);
  assert.deepEqual(await outcomes(), ['test cached', 'verdict cached'], 'an empty folder is as good as none');

  const judge = (lines: string) =>
    startRunner(['judge', 'latest', '--judge', 'ann', '--terminal'], runsDir, {}, lines).ended;
  const begun = await judge('no\n1\n');
  assert.match(begun.stdout, /test of \S+: 6 pairs/);
  const explained = await runRunner(['explain', file, 'verdict'], runsDir);
  assert.match(explained.stdout, /answers/);
  assert.match((await runRunner(['plan', file], runsDir)).stdout, /test +command +cached[^]*verdict +verdict +due/);
  const early = await runJson([file], runsDir);
  assert.deepEqual(
    early.stages.map(({ outcome }) => outcome),
    ['cached', 'ran'],
  );
  // Whoever looks now can still answer, so there is nothing to see.
  const earlyReport = readFileSync(join(early.dir, 'tracked', 'report.md'), 'utf8');
  assert.match(earlyReport, /A: 1 of 6 answered; figures when the judge has finished or stopped\./);
  assert.doesNotMatch(earlyReport, /was right in/);
  const csv = readFileSync(join(early.dir, 'stages', 'verdict', 'answers.csv'), 'utf8');
  assert.equal(csv.trimEnd().split('\n').length, 1, 'only the head');
  assert.doesNotMatch(readFileSync(join(early.dir, 'journal.jsonl'), 'utf8'), /"judge\/people\/accuracy"/);
  assert.deepEqual(await outcomes(), ['test cached', 'verdict cached']);
  const done = await judge('2\n1\n2\n1\n2\n');
  assert.match(done.stdout, /ann was right in \d of 6 pairs[^]*next: \.\/runner run /);
  const ran = await runJson([file], runsDir);
  const report = readFileSync(join(ran.dir, 'tracked', 'report.md'), 'utf8');
  assert.match(report, /A was right in \d of 6 pairs/);
  assert.match(readFileSync(join(ran.dir, 'journal.jsonl'), 'utf8'), /"judge\/people\/accuracy"/);
  assert.doesNotMatch(readFileSync(join(ran.dir, 'journal.jsonl'), 'utf8'), /\bann\b/);

  writeBlindTest(made, testOf({ questions: 7 }));
  const refused = await runRunner(['run', file], runsDir);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout + refused.stderr, /answers another test: questions [0-9a-f]{12}, not [0-9a-f]{12}/);
  assert.deepEqual((await judge('1\n')).code, 1);
});
