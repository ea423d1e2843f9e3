/** `src/ready.sh`, in a folder with a slow build and a program in place of npm, whose work can be watched. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../src/files/project-root.ts';
import { eventually, temporaryDir } from './kit/temporary.ts';

/** Says when it begins and ends, waits for the file `go`, and fails if another one is at work. */
const NPM = `#!/bin/sh
echo begin >>npm.log
mkdir node_modules.busy || { echo two >>npm.log; exit 1; }
mkdir -p node_modules
until [ -f go ]; do sleep 0.02; done
echo whole >node_modules/content
rmdir node_modules.busy
echo end >>npm.log
`;

function checkout(context: TestContext) {
  const dir = temporaryDir(context);
  for (const folder of ['src', 'stages', 'bin', 'dist']) mkdirSync(join(dir, folder));
  copyFileSync(join(projectRoot(), 'src', 'ready.sh'), join(dir, 'src', 'ready.sh'));
  writeFileSync(join(dir, 'package.json'), '{ "engines": { "node": ">=20.0.0" } }');
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  writeFileSync(join(dir, 'build.mjs'), "import { writeFileSync } from 'node:fs'; writeFileSync('dist/cli.js', '');");
  writeFileSync(join(dir, 'bin', 'npm'), NPM, { mode: 0o755 });
  const log = (): string => (existsSync(join(dir, 'npm.log')) ? readFileSync(join(dir, 'npm.log'), 'utf8') : '');
  const start = (): ChildProcess & { output(): string; ended: Promise<number | null> } => {
    const child = spawn('sh', ['-euc', '. src/ready.sh; make_ready .'], {
      cwd: dir,
      env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = new Promise<number | null>((done) => child.on('exit', done));
    return Object.assign(child, { output: () => output, ended });
  };
  return { dir, log, start, go: () => writeFileSync(join(dir, 'go'), '') };
}

/** The shell that runs the set-up is a child of the one that was started. */
const shellsOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

test('of two first starts, one installs and the other waits', async (context) => {
  const { log, start, go } = checkout(context);
  const [one, two] = [start(), start()];
  await eventually('one waits', () => /waiting for it/.test(one.output() + two.output()) && log() === 'begin\n');
  go();
  assert.deepEqual([await one.ended, await two.ended], [0, 0], one.output() + two.output());
  assert.equal(log(), 'begin\nend\n');
});

test('after SIGKILL the next start waits for an npm that is still at work, then installs again', async (context) => {
  const { dir, log, start, go } = checkout(context);
  const killed = start();
  await eventually('npm works', () => log() === 'begin\n');
  for (const pid of [...shellsOf(killed.pid!), killed.pid!]) process.kill(pid, 'SIGKILL');
  const next = start();
  await eventually('the next one waits', () => /waiting for it/.test(next.output()));
  assert.equal(log(), 'begin\n');
  go();
  assert.equal(await next.ended, 0, next.output());
  assert.equal(log(), 'begin\nend\nbegin\nend\n');
  assert.ok(existsSync(join(dir, 'node_modules', '.ready')));
});

test('what an older or a killed set-up left behind is no lock', async (context) => {
  const { dir, log, start, go } = checkout(context);
  go();
  mkdirSync(join(dir, '.setup-lock')); // killed before it wrote its process id
  assert.equal(await start().ended, 0);
  rmSync(join(dir, 'node_modules', '.ready'));
  rmSync(join(dir, '.setup-lock'));
  mkdirSync(join(dir, '.setup-lock'));
  writeFileSync(join(dir, '.setup-lock', 'pid'), `${process.pid}\n`); // its process id now belongs to another program
  assert.equal(await start().ended, 0);
  assert.equal(log(), 'begin\nend\nbegin\nend\n');
});
