/** `src/ready.sh`, in a folder with a slow build and a program in place of npm, whose work can be watched. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** Python is asked for its own path, because what is on the PATH may be a script of pyenv. */
function pathOf(tool: string): string {
  const script = tool === 'python3' ? 'python3 -c "import sys; print(sys.executable)"' : `command -v ${tool}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim();
}

/** `tools`: the only programs on the PATH besides node and npm, instead of all programs of this machine. */
function checkout(context: TestContext, tools?: string[]) {
  const dir = temporaryDir(context);
  for (const folder of ['src', 'stages', 'bin', 'dist']) mkdirSync(join(dir, folder));
  copyFileSync(join(projectRoot(), 'src', 'ready.sh'), join(dir, 'src', 'ready.sh'));
  writeFileSync(join(dir, 'package.json'), '{ "engines": { "node": ">=20.0.0" } }');
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  writeFileSync(join(dir, 'build.mjs'), "import { writeFileSync } from 'node:fs'; writeFileSync('dist/cli.js', '');");
  writeFileSync(join(dir, 'bin', 'npm'), NPM, { mode: 0o755 });
  if (tools) {
    for (const tool of tools) symlinkSync(pathOf(tool), join(dir, 'bin', tool));
    symlinkSync(process.execPath, join(dir, 'bin', 'node'));
  }
  const path = tools ? join(dir, 'bin') : `${join(dir, 'bin')}:${process.env['PATH']}`;
  const log = (): string => (existsSync(join(dir, 'npm.log')) ? readFileSync(join(dir, 'npm.log'), 'utf8') : '');
  const start = (): ChildProcess & { output(): string; ended: Promise<number | null> } => {
    const child = spawn('sh', ['-euc', '. src/ready.sh; make_ready .'], {
      cwd: dir,
      env: { ...process.env, PATH: path },
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

const TOOLS = ['sh', 'uname', 'sed', 'find', 'head', 'mkdir', 'rmdir', 'sleep', 'rm'];

for (const tool of ['flock', 'perl', 'python3'])
  test(`after SIGKILL the next start waits for an npm that is still at work, with ${tool} for the lock`, (context) =>
    waitsForOrphan(context, [...TOOLS, tool]));

async function waitsForOrphan(context: TestContext, tools: string[]): Promise<void> {
  const { dir, log, start, go } = checkout(context, tools);
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
}

test('without a program that can lock, the message says what to install', async (context) => {
  const { log, start } = checkout(context, TOOLS);
  const child = start();
  assert.equal(await child.ended, 1);
  assert.match(
    child.output(),
    /flock, perl or python3 is required.*apt install util-linux; macOS: brew install python/,
  );
  assert.equal(log(), '');
});

test('in Windows itself, the message names WSL', async (context) => {
  const { dir, log, start } = checkout(context);
  writeFileSync(join(dir, 'bin', 'uname'), '#!/bin/sh\necho MINGW64_NT-10.0-22631\n', { mode: 0o755 });
  const child = start();
  assert.equal(await child.ended, 1);
  assert.match(child.output(), /^error: this does not run in Windows itself: install WSL \(wsl --install\)/);
  assert.equal(log(), '');
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
