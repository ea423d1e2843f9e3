import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { runJson, runRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

function tiny(context: TestContext, more: Record<string, string> = {}, messages?: number) {
  const dir = temporaryDir(context);
  writeExport(join(dir, 'export'), messages);
  return { dir, runs: join(dir, 'runs'), file: writePipeline(join(dir, 'tiny.yaml'), './export', more) };
}

test('a missing source: the plan shows what waits for it; the run is refused, with line, column and a hint', async (context) => {
  const { file, runs } = tiny(context, { '"./export"': 'nowhere/export' });
  const plan = await runRunner(['plan', file], runs);
  assert.equal(plan.code, 0);
  assert.match(plan.stdout, /chat +ingest +waits +no file or folder "nowhere\/export"/);
  assert.match(
    plan.stdout,
    /cannot run chat: no file or folder "nowhere\/export" \(.*tiny\.yaml:4\)\n {2}hint: .*JSON/,
  );
  const run = await runRunner(['run', file], runs);
  assert.equal(run.code, 2);
  assert.match(run.stderr, /tiny\.yaml:4:43 error no file or folder "nowhere\/export"\n.*\n.*\^+\n {3}hint: /);
});

test('in a sweep over sources, only the points whose source is missing wait', async (context) => {
  const { file, runs } = tiny(context);
  writeFileSync(
    file,
    `${readFileSync(file, 'utf8')}\nsweep: { stages.chat.params.source: [./export, nowhere/export] }\n`,
  );
  const { code, stdout, stderr } = await runRunner(['plan', file, '--json'], runs);
  assert.equal(code, 0, stderr);
  const { sweep } = JSON.parse(stdout) as { sweep: { stages: { name: string; reasons: string[] }[] }[] };
  assert.deepEqual(
    sweep.map(({ stages }) => stages[0]?.reasons),
    [['has not run yet'], ['no file or folder "nowhere/export"']],
  );
});

test('an unknown key, a wrong input and a cycle: exit code 2, and nothing runs', async (context) => {
  const { file, runs } = tiny(context, { 'batchSize: 2': 'batchSizes: 2', 'held-out: tokens': 'held-out: token' });
  const { code, stdout, stderr } = await runRunner(['run', file], runs);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /unknown key "batchSizes"[^]*did you mean "batchSize"[^]*no stage "token"[^]*did you mean "tokens"/,
  );
  const cycle = tiny(context, { 'conversations: chat': 'conversations: report' });
  assert.match((await runRunner(['run', cycle.file], cycle.runs)).stderr, /stages wait for each other|makes report/);
  assert.equal((await runRunner(['run', join(cycle.dir, 'no.yaml')], cycle.runs)).code, 2);
  assert.match((await runRunner(['rum', file], runs)).stderr, /no verb "rum"; did you mean "run"\?/);
  assert.match((await runRunner(['run', file, '--jsn'], runs)).stderr, /no flag --jsn; did you mean --json\?/);
});

test('an empty export: the ingest stage fails and says that the folder is empty', async (context) => {
  const { dir, file, runs } = tiny(context, { '"./export"': './empty' });
  mkdirSync(join(dir, 'empty'));
  const { code, stdout } = await runRunner(['run', file], runs);
  assert.equal(code, 1);
  assert.match(stdout, /✗ chat +failed[^]*is an empty folder\n +hint: set `source` to the file or folder/);
  assert.match(stdout, /- tokens +skipped/);
});

test('a truncated JSON file is reported and skipped; the other files are used', async (context) => {
  const { dir, file, runs } = tiny(context);
  const broken = join(dir, 'export', 'your_activity_across_facebook', 'messages', 'inbox', 'broken_9');
  mkdirSync(broken);
  writeFileSync(
    join(broken, 'message_1.json'),
    '{"participants": [{"name": "Secret Person"}], "messages": [{"sender_name": "Secret Per',
  );
  const { code, stdout } = await runRunner(['run', file, 'tokens'], runs);
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /! chat +skipped .*…_9\/message_1\.json[^]*report\.json in this stage's folder of the run has the full names of files/,
  );
  assert.ok(!stdout.includes('Secret'), 'no text of the file is shown');
  const report = JSON.parse(readFileSync(join(runs, 'latest', 'stages', 'chat', 'report.json'), 'utf8')) as {
    conversations: number;
  };
  assert.equal(report.conversations, 2);
});

test('trains on conversations shorter than the window, and, with a warning, on fewer tokens than a window or batch', async (context) => {
  const short = tiny(context, {}, 12);
  assert.equal((await runJson([short.file, '--set=stages.model.params.steps=4'], short.runs)).ok, true);
  const window = await runRunner(
    ['run', short.file, 'model', '--set=stages.model.params.steps=4', '--set=stages.model.params.model.context=128'],
    short.runs,
  );
  assert.equal(window.code, 0, window.stdout);
  assert.match(
    window.stdout,
    /! model +chat has \d+ tokens to train on, fewer than one window of 128: its windows are padded/,
  );
  assert.equal(
    (
      await runJson(
        [short.file, 'model', '--set=stages.model.params.steps=2', '--set=stages.model.params.batchSize=8'],
        short.runs,
      )
    ).ok,
    true,
  );
});

test('refuses a detour to a missing input, without validations, or without validation text', async (context) => {
  const detour = (to: string): Record<string, string> => ({
    'validationBatches: 4': `validationBatches: 4\n      detour: { to: ${to}, patience: 2, steps: 3 }`,
  });
  const missing = tiny(context, detour('ubuntu'));
  const unknown = await runRunner(['run', missing.file], missing.runs);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /tiny\.yaml:\d+:\d+ error no input "ubuntu"; inputs are chat/);
  const two = tiny(context, {
    ...detour('other'),
    'inputs: { chat: tokens }': 'inputs: { chat: tokens, other: tokens }',
  });
  const never = await runRunner(['run', two.file, '--set=stages.model.params.validateEvery=0'], two.runs);
  assert.equal(never.code, 2);
  assert.match(never.stderr, /a detour begins when the held-out loss stalls, but validateEvery is 0/);
  const blind = await runRunner(
    ['run', two.file, '--set=stages.tokens.params.validation=0', '--set=stages.report.params.weights=final'],
    two.runs,
  );
  assert.equal(blind.code, 1);
  assert.match(
    blind.stdout,
    /a detour begins when the held-out loss stops falling, but chat has no held-out text\n +hint: raise `validation`/,
  );
});
