import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findMlflow, ownMlflowDir } from '../../src/tracking/server/mlflow-install.ts';

// A real installation takes half a minute and needs the network; other tests use one. Here a short shell script poses
// as Python, so that we can cause missing parts, interruptions and concurrent installations.

interface Stage {
  env: NodeJS.ProcessEnv;
  lines: string[];
  dir: string;
  /** every call of the fake Python */
  calls(): string[];
}

function stage(python: string | null): Stage {
  const root = mkdtempSync(join(tmpdir(), 'install-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  if (python !== null) {
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\necho "$*" >> "${root}/calls"\n${python}`);
    chmodSync(join(bin, 'python3'), 0o755);
  }
  const env = {
    PATH: [bin, ...(python === null ? [] : ['/bin', '/usr/bin'])].join(delimiter),
    XDG_CACHE_HOME: join(root, 'cache'),
  };
  const calls = (): string[] =>
    existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
  return { env, lines: [], dir: ownMlflowDir(env), calls };
}

/** Acts like Python 3.11; its venv copies the script itself into the environment. */
const working = `
case "$*" in
  *version_info*) echo 3.11;;
  "-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  *"pip install"*) echo "Collecting something"; sleep 0.3;;
esac`;

const find = (s: Stage) => findMlflow((text) => s.lines.push(text), s.env);

test('installs once, then finds the installation silently', async () => {
  const s = stage(working);
  const found = await find(s);
  assert.deepEqual(found, { command: join(s.dir, 'bin', 'mlflow'), version: '3.17.2', own: true });
  assert.match(s.lines.join('\n'), /installing MLflow 3\.17\.2 into .*390 MB[\s\S]*MLflow is installed/);
  const installs = s.calls().filter((call) => call.includes('pip install'));
  assert.equal(installs.length, 2);
  assert.match(installs[0] ?? '', /mlflow-skinny==3\.17\.2 .*Flask/);
  assert.match(installs[1] ?? '', /--no-deps mlflow==3\.17\.2/);
  s.lines.length = 0;
  const before = s.calls().length;
  assert.deepEqual(await find(s), found);
  assert.deepEqual([s.lines, s.calls().length], [[], before]);
});

test('of two concurrent installations, one waits for the other', async () => {
  const s = stage(working);
  await Promise.all([find(s), find(s)]);
  assert.equal(s.calls().filter((call) => call.includes('-m venv')).length, 1);
  assert.equal(s.lines.filter((line) => /is installing MLflow; waiting for it/.test(line)).length, 1);
});

test('deletes what an interrupted attempt left behind', async () => {
  const s = stage(working);
  mkdirSync(join(s.dir, 'lib'), { recursive: true });
  writeFileSync(join(s.dir, 'lib', 'half'), '');
  await find(s);
  assert.ok(!existsSync(join(s.dir, 'lib', 'half')));
  assert.ok(existsSync(join(s.dir, 'DONE')));
});

test('a failed installation leaves no DONE and says what to do; the next attempt succeeds', async () => {
  const s = stage(
    `if [ ! -e "$XDG_CACHE_HOME/network" ]; then case "$*" in *"pip install"*) echo "ERROR: no network"; exit 1;; esac; fi${working}`,
  );
  await assert.rejects(
    find(s),
    /pip could not install MLflow's dependencies \(version 3\.17\.2\):\nERROR: no network[\s\S]*PIP_INDEX_URL/,
  );
  assert.ok(!existsSync(join(s.dir, 'DONE')));
  writeFileSync(join(s.env.XDG_CACHE_HOME ?? '', 'network'), '');
  await find(s);
});

test('explains how to fix a missing Python, an old Python and a missing venv', async () => {
  await assert.rejects(find(stage(null)), /python3 is not on the PATH.*apt install python3/);
  const old = stage('echo 3.8');
  old.env.PATH = old.env.PATH?.split(delimiter)[0];
  writeFileSync(join(old.env.PATH ?? '', 'python3'), '#!/bin/sh\necho 3.8\n');
  await assert.rejects(find(old), /python3 is Python 3\.8.*apt install/);
  await assert.rejects(
    find(stage('case "$*" in *version_info*) echo 3.11;; *) echo "ensurepip is not available"; exit 1;; esac')),
    /cannot create a virtual environment \(ensurepip is not available\).*apt install python3-venv/,
  );
});

test("without ensurepip, Python's own pip installs into the new environment", async () => {
  const s = stage(`
case "$*" in
  *version_info*) echo 3.11;;
  "-m venv --without-pip"*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python";;
  "-m venv"*) echo "ensurepip is not available"; exit 1;;
esac`);
  await find(s);
  assert.ok(
    s.calls().some((call) => call.startsWith(`-m pip --python ${join(s.dir, 'bin', 'python')} install mlflow-skinny`)),
  );
});

test('uses an mlflow on the PATH if it can run a server', async () => {
  for (const [answer, used] of [
    ['3.18.0', true],
    ['2.9.0', false],
    ['', false],
  ] as const) {
    const s = stage(
      working.replace(
        'case "$*" in',
        `case "$*" in\n  *mlflow.__version__*) ${answer ? `echo ${answer}` : 'echo "No module named flask"; exit 1'};;`,
      ),
    );
    const bin = s.env.PATH?.split(delimiter)[0] ?? '';
    writeFileSync(join(bin, 'mlflow'), `#!${join(bin, 'python3')}\n`);
    chmodSync(join(bin, 'mlflow'), 0o755);
    const found = await find(s);
    assert.deepEqual([found.own, found.version], used ? [false, answer] : [true, '3.17.2']);
    assert.equal(
      s.lines.some((line) => /cannot run a server.*using our own MLflow/.test(line)),
      !used,
    );
  }
});
