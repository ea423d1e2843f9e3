import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRunner } from '../kit/runner.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { RIGHT, somewhere } from './kit.ts';

const plan = ['plan', 'comedy.yaml'];

/** What somebody types; all that is printed; what is typed after reading it. */
const mistakes: { typed: string[]; message: string; then: string[] }[] = [
  { typed: ['plan', 'comedy.yml'], message: 'error no file "comedy.yml"; did you mean comedy.yaml?', then: plan },
  { typed: ['plan', 'comedy'], message: 'error no file "comedy"; did you mean comedy.yaml?', then: plan },
  { typed: ['plan', 'comdey.yaml'], message: 'error no file "comdey.yaml"; did you mean comedy.yaml?', then: plan },
  {
    typed: ['plan', 'quickstart'],
    message: 'error no file "quickstart"; did you mean /checkout/pipelines/quickstart.yaml?',
    then: ['plan', '/checkout/pipelines/quickstart.yaml'],
  },
  {
    typed: ['plan', 'nothing-like-it'],
    message: 'error no file "nothing-like-it"; pipelines are YAML files: ./runner run FILE',
    then: plan,
  },
  {
    typed: ['comedy.yaml'],
    message: 'error no verb "comedy.yaml"; to run it: ./runner run comedy.yaml',
    then: plan,
  },
  {
    typed: ['plan', 'comedy.csv'],
    message: `comedy.csv:1:1 error not a pipeline: the file contains no mapping
 1 | name,date,message
   | ^
   hint: data are named in a pipeline, a YAML file, as the \`source\` of an ingest stage

1 error; nothing was run`,
    then: plan,
  },
  { typed: ['train', 'comedy.yaml'], message: 'error no verb "train"; did you mean "run"?', then: ['help', 'run'] },
  { typed: ['generate'], message: 'error no verb "generate"; did you mean "sample"?', then: ['help', 'sample'] },
  { typed: ['list'], message: 'error no verb "list"; did you mean "ls"?', then: ['ls'] },
  { typed: ['status'], message: 'error no verb "status"; did you mean "ls"?', then: ['ls'] },
  { typed: ['mlflow', 'ui'], message: 'error no verb "mlflow"; did you mean "ui"?', then: ['help', 'ui'] },
  { typed: ['help', 'nosuch'], message: 'error no verb "nosuch"; ./runner help lists them', then: ['help'] },
  {
    typed: ['plan', 'comedy.yaml', '--max_iters=100'],
    message:
      'error "plan" has no flag --max_iters; a param is set with --set and its path: --set stages.model.params.steps=100',
    then: [...plan, '--set', 'stages.model.params.steps=100'],
  },
  {
    typed: ['run', 'comedy.yaml', '--dry-run'],
    message: 'error "run" has no flag --dry-run; ./runner plan FILE shows what would run',
    then: plan,
  },
];

test('mistakes on the command line: the whole message, and the command that it names', async (context) => {
  const here = somewhere(context);
  writeFileSync(join(here, 'comedy.yaml'), RIGHT);
  for (const { typed, message, then } of mistakes) {
    const wrong = await runRunner(typed, join(here, 'runs'));
    assert.deepEqual([wrong.code, wrong.stdout], [2, ''], typed.join(' '));
    assert.equal(
      wrong.stderr.trim().replaceAll(`${projectRoot()}/runner`, './runner').replaceAll(projectRoot(), '/checkout'),
      message,
    );
    const right = then.map((word) => word.replace('/checkout', projectRoot()));
    const { code, stderr } = await runRunner(right, join(here, 'runs'));
    assert.equal(code, 0, `${then.join(' ')}\n${stderr}`);
  }
});

test('-v, -V and version print the version, as --version does', async (context) => {
  const here = somewhere(context);
  const { stdout } = await runRunner(['--version'], join(here, 'runs'));
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  for (const word of ['-v', '-V', 'version'])
    assert.equal((await runRunner([word], join(here, 'runs'))).stdout, stdout);
});
