import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { runRunner, startRunner } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

/** A command that starts another process, as `sh` and `make` do. Both write their pids to files. */
function pipelineOf(context: TestContext, onTerm: string) {
  const dir = temporaryDir(context);
  writeFileSync(
    join(dir, 'child.mjs'),
    `import fs from 'node:fs';
    process.on('SIGTERM', () => { ${onTerm} });
    fs.writeFileSync(process.argv[2] + '/child', String(process.pid)); setInterval(() => {}, 1000);`,
  );
  writeFileSync(
    join(dir, 'long.yaml'),
    `name: long
stages:
  work:
    kind: command
    params: { argv: [sh, -c, 'echo $$ > "$1/parent"; "$0" "$2" "$1"; echo > "$3/x"', ${JSON.stringify(process.execPath)}, ${JSON.stringify(dir)}, ./child.mjs, "{out}"], code: [./child.mjs] }
`,
  );
  const pid = (name: 'parent' | 'child'): number | null =>
    existsSync(join(dir, name)) ? Number(readFileSync(join(dir, name), 'utf8')) || null : null;
  return { file: join(dir, 'long.yaml'), runs: join(dir, 'runs'), pid };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('Ctrl-C reaches all processes of a command; the stage counts as stopped', { timeout: 60_000 }, async (context) => {
  const { file, runs, pid } = pipelineOf(context, 'process.exit(0)');
  const started = startRunner(['run', file], runs);
  await eventually('the child is running', () => pid('child') !== null);
  started.child.kill('SIGINT');
  const { code, stdout } = await started.ended;
  assert.equal(code, 130, stdout);
  assert.match(stdout, /■ work +stopped/);
  assert.deepEqual([isAlive(pid('parent')!), isAlive(pid('child')!)], [false, false]);
});

test(
  'a second Ctrl-C kills processes that ignore the first, and their children',
  { timeout: 60_000 },
  async (context) => {
    const { file, runs, pid } = pipelineOf(context, '');
    const started = startRunner(['run', file], runs);
    await eventually('the child is running', () => pid('child') !== null);
    started.child.kill('SIGINT');
    await eventually('the first one is acknowledged', () => started.output().includes('press Ctrl-C again'));
    await sleep(100); // two signals within milliseconds are one key press
    started.child.kill('SIGINT');
    assert.equal((await started.ended).code, 130);
    await eventually('no process is left', () => !isAlive(pid('parent')!) && !isAlive(pid('child')!));
  },
);

test('missing programs and files are reported before anything runs, with line and column', async (context) => {
  const dir = temporaryDir(context);
  writeFileSync(join(dir, 'own.py'), '');
  writeFileSync(
    join(dir, 'p.yaml'),
    'name: p\nstages:\n  a: { kind: command, params: { argv: [pyhton3, ./own.py, "{out}"] } }\n  b: { kind: command, params: { argv: [sh, "{out}"], code: [./gone] } }\n',
  );
  const { code, stderr } = await runRunner(['run', join(dir, 'p.yaml')], join(dir, 'runs'));
  assert.equal(code, 2, stderr);
  assert.match(stderr, /p\.yaml:3:40.* no program "pyhton3"/);
  assert.match(
    stderr,
    /p\.yaml:3:49.* "\.\/own\.py" is a file that is not declared[\s\S]*hint: declare it: code: \[\.\/own\.py\]/,
  );
  assert.match(stderr, /p\.yaml:4:61.* no file or folder "\.\/gone"/);
});
