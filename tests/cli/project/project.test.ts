import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../../src/files/project-root.ts';
import { temporaryDir } from '../../kit/temporary.ts';

const cli = join(projectRoot(), 'dist', 'cli.js');

const PIPELINE = `name: notes
stages:
  made: { kind: command, params: { argv: [sh, -c, 'pwd > "$0"/where.txt', '{out}'] } }
`;

/** A folder with these files, and a shell-like way to call the program in it or below it. */
function folder(context: TestContext, files: Record<string, string>) {
  const dir = realpathSync(temporaryDir(context));
  mkdirSync(join(dir, 'a', 'b'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const { RUNNER_RUNS: _, ...inherited } = process.env;
  const call = (args: string[], { cwd = '.', env = {} }: { cwd?: string; env?: Record<string, string> } = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd: join(dir, cwd),
      env: { ...inherited, NO_COLOR: '1', ...env },
      encoding: 'utf8',
    });
    return { code: status, stdout, output: stdout + stderr };
  };
  return { dir, call, has: (path: string): boolean => existsSync(join(dir, path)) };
}

test('from any folder below a runner.yaml, runs and relative paths belong to the project', (context) => {
  const { dir, call, has } = folder(context, { 'runner.yaml': 'pipeline: notes.yaml\n', 'notes.yaml': PIPELINE });
  const run = call(['run'], { cwd: 'a/b' });
  assert.equal(run.code, 0, run.output);
  assert.ok(has('runs/latest/stages/made'));
  const where = call(['show', 'latest', '--json'], { cwd: 'a' });
  assert.match(where.stdout, /"notes"/);
  assert.match(call(['plan'], { cwd: 'a/b' }).stdout, /^ {2}made {2}command {2}cached$/m);
  assert.match(call(['graph'], { cwd: 'a' }).stdout, /^notes/);
  assert.equal(
    spawnSync('cat', [join(dir, 'runs/latest/stages/made/where.txt')], { encoding: 'utf8' }).stdout.trim(),
    dir,
    'a command runs in the project',
  );
});

test('an empty runner.yaml marks a project, too', (context) => {
  const { call, has } = folder(context, { 'runner.yaml': '', 'notes.yaml': PIPELINE });
  assert.match(call(['ls'], { cwd: 'a' }).stdout, /^no runs yet$/m);
  assert.equal(call(['plan', '../notes.yaml'], { cwd: 'a' }).code, 0);
  assert.ok(has('runs/store'));
  assert.match(
    call(['plan'], { cwd: 'a' }).output,
    /^error "plan": missing FILE; \.\.\/runner\.yaml names no `pipeline:` either\. Usage: \S+ plan FILE \[STAGE…\]$/m,
  );
});

test('the flag goes before RUNNER_RUNS, and that before runner.yaml', (context) => {
  const files = { 'runner.yaml': 'runs: kept/here\n', 'notes.yaml': PIPELINE };
  const { call, has, dir } = folder(context, files);
  const env = { RUNNER_RUNS: join(dir, 'env') };
  call(['plan', 'notes.yaml', '--runs', 'flag'], { env });
  assert.deepEqual([has('flag/store'), has('env'), has('kept')], [true, false, false]);
  call(['--runs=flag2', 'plan', 'notes.yaml'], { env });
  assert.deepEqual([has('flag2/store'), has('env'), has('kept')], [true, false, false]);
  call(['plan', 'notes.yaml'], { env });
  assert.deepEqual([has('env/store'), has('kept')], [true, false]);
  call(['plan', 'notes.yaml']);
  assert.ok(has('kept/here/store'));
  assert.ok(!has('runs'));
});

test('hints repeat --runs, so that they can be pasted', (context) => {
  const { call } = folder(context, { 'runner.yaml': '', 'notes.yaml': PIPELINE });
  const { stdout } = call(['plan', 'notes.yaml', '--runs', 'my runs']);
  assert.match(stdout, /^next: \S+ --runs 'my runs' run notes\.yaml$/m);
  assert.match(call(['ls', '--runs']).output, /^error --runs needs a value: --runs DIR$/m);
});

test('a fault in runner.yaml is shown with its place', (context) => {
  const { dir, call } = folder(context, { 'runner.yaml': '# my chats\nrun: here\npipeline: [x]\n' });
  const { code, output } = call(['ls'], { cwd: 'a' });
  assert.equal(code, 2);
  assert.equal(
    output,
    `../runner.yaml:2:1 error unknown key "run"
 2 | run: here
   | ^^^
   hint: did you mean "runs"?

../runner.yaml:3:11 error expected text, found a list
 3 | pipeline: [x]
   |           ^^^
   hint: the pipeline that \`run\`, \`plan\` and \`graph\` take if you name none

2 errors; nothing was run
`,
  );
  assert.equal(call(['help']).code, 0, 'help needs no project');
  writeFileSync(join(dir, 'runner.yaml'), 'pipeline: notes.yaml\n');
  assert.match(call(['run']).output, /^runner\.yaml:1:11 error no file "notes\.yaml"$/m);
  writeFileSync(join(dir, 'runner.yaml'), 'just words\n');
  assert.match(call(['ls']).output, /^runner\.yaml:1:1 error not the settings of a project/m);
});

test('`data:` says where paths that begin with data/ are; configs of the program are found in every project', (context) => {
  const { dir, call } = folder(context, {
    'runner.yaml': 'data: elsewhere\n',
    'chats.yaml': `name: chats
stages:
  chat: { kind: ingest, params: { source: data/talk.txt, format: dialogue } }
  tokens: { kind: tokenize, inputs: { conversations: chat }, params: { template: "{name}: {text}" } }
  model:
    kind: train
    inputs: { chat: tokens }
    params: { model: { use: configs/model/gpt2-nano.yaml }, steps: 1, batchSize: 1, schedule: { kind: linear, peak: 0.1, floor: 0 } }
`,
  });
  assert.match(call(['plan', 'chats.yaml']).output, /nothing is at \S+\/elsewhere\/talk\.txt/);
  mkdirSync(join(dir, 'elsewhere'));
  writeFileSync(join(dir, 'elsewhere', 'talk.txt'), 'Ann: hello\nBen: hello\n');
  const plan = call(['plan', 'chats.yaml']);
  assert.equal(plan.code, 0, plan.output);
  assert.match(plan.output, /^ {2}chat +ingest +due/m);
});
