import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../src/files/project-root.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** A whole stage kind in one file: small enough to keep `run` beside what planning needs. */
const KIND = `
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { defineContract } from '../src/pipeline/define-contract.ts';

export const contract = defineContract({
  kind: 'dice',
  version: 1,
  summary: 'throws a die',
  params: { sides: Type.Integer({ description: 'of the die' }), throws: Type.Integer({ default: 3 }) },
  output: 'files',
  computesWith: () => ({ engine: 'tfjs', precision: 'fp32' }),
  check: ({ sides }) =>
    sides < 2 ? [{ path: 'sides', message: 'no die has ' + sides + ' sides', hint: 'take 6' }] : [],
  trackedFiles: ['throws.txt'],
  metrics: {
    sweepColumns: [{ metric: 'dice/highest', head: 'highest', goal: 'max' }],
    trackerColumns: ['dice/highest'],
    trackerCharts: [],
  },
  run: async ({ params: { sides, throws }, outDir, emit }) => {
    const thrown = Array.from({ length: throws }, (_, index) => 1 + ((index * 7 + 5) % sides));
    writeFileSync(join(outDir, 'throws.txt'), thrown.join(' ') + '\\n');
    emit({ kind: 'metric', name: 'dice/highest', step: 0, value: Math.max(...thrown) });
  },
});
`;

const pipeline = (sides: number, more = ''): string =>
  `name: dice\nstages:\n  game: { kind: dice, params: { sides: ${sides} } }\n${more}`;

test('a new stage kind needs one file and one list entry to be planned, checked, run, tracked, compared and shown', async (context) => {
  const checkout = checkoutWith(temporaryDir(context), 'dice', KIND);
  await promisify(execFile)(process.execPath, ['build.mjs'], { cwd: checkout });
  writeFileSync(join(checkout, 'one.yaml'), pipeline(1));
  writeFileSync(join(checkout, 'dice.yaml'), pipeline(6, 'sweep: { stages.game.params.sides: [2, 20] }\n'));
  const runner = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };
    const child = promisify(execFile)(process.execPath, ['dist/cli.js', ...args], { cwd: checkout, env });
    const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
  };

  assert.match(await runner('plan', 'one.yaml'), /^one\.yaml:3:40 error no die has 1 sides\n[^]*hint: take 6$/m);
  assert.match(await runner('plan', 'dice.yaml'), /game +dice +due/);

  const ran = await runner('run', 'dice.yaml');
  assert.match(ran, /sides +highest\n +20 +20\.0000\n +2 +2\.0000/, 'sorted by its metric, largest first');
  const run = join(
    checkout,
    'runs',
    readdirSync(join(checkout, 'runs')).find((name) => name.startsWith('20'))!,
  );
  assert.match(readFileSync(join(run, 'tracked', 'throws.txt'), 'utf8'), /^\d+ \d+ \d+\n$/);
  assert.match(readFileSync(join(run, 'journal.jsonl'), 'utf8'), /"tracked\/throws\.txt"/);
  assert.match(await runner('lineage', 'latest/game'), /engine=tfjs/, 'the engine is part of its key');

  const shown = await runner('show', 'latest');
  assert.match(shown, /game\.sides +20/);
  assert.match(shown, /dice\/highest/);
  assert.match(await runner('plan', 'dice.yaml'), /game +dice +cached/);
});

/** A copy of this checkout with another stage kind. */
function checkoutWith(dir: string, kind: string, text: string): string {
  for (const name of ['src', 'stages', 'build.mjs', 'tests/build-tests.mjs', 'package.json', 'tsconfig.json'])
    cpSync(join(projectRoot(), name), join(dir, name), { recursive: true });
  symlinkSync(join(projectRoot(), 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'stages', `${kind}.ts`), text);
  const list = join(dir, 'stages', 'index.ts');
  const added = readFileSync(list, 'utf8').replace(/ \};\n$/, `, ${kind} };\n`);
  writeFileSync(list, `import { contract as ${kind} } from './${kind}.ts';\n${added}`);
  assert.ok(added.includes(`, ${kind} }`) && !existsSync(join(dir, 'dist')));
  return dir;
}
