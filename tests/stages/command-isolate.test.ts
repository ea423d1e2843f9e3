import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { isolated, isolationFault } from '../../stages/command/isolate/isolated.ts';
import { mountsAt } from '../../stages/command/isolate/mount-table.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';
import { runCommand } from './run-command.ts';

const fault = isolationFault();
const options = { skip: fault === null ? false : `this machine cannot isolate: ${fault}`, timeout: 60_000 };

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}

/** A shell script that writes to {out}/x. `$1` and further are the other arguments. */
const writing = (script: string, ...args: string[]): string[] => [
  'sh',
  '-c',
  `{ ${script}; } > "$0/x"`,
  '{out}',
  ...args,
];

test('an isolated program sees what is declared and the system, and nothing else', options, async (context) => {
  const own = temporaryDir(context);
  const folder = join(own, "it's a folder");
  mkdirSync(folder);
  for (const name of ['list.txt', 'other.txt', "it's a folder/a.txt"]) writeFileSync(join(own, name), `${name}\n`);
  const input = temporaryDir(context);
  writeFileSync(join(input, 'f'), 'input\n');
  const shared = mkdtempSync('/dev/shm/runner-test-');
  context.after(() => rmSync(shared, { recursive: true }));
  const unseen = [
    ...[join(own, 'other.txt'), temporaryDir(context), shared, homedir(), join(projectRoot(), 'package.json')],
    ...['/var/lib', '/.old', '/.empty'],
  ];
  const { at } = await runCommand(temporaryDir(context), {
    params: {
      argv: writing(
        'cat "$1" "$2/a.txt" "$3/f"; pwd; shift 3; for path; do [ ! -e "$path" ] || echo "sees $path"; done; echo "$HOME $TMPDIR"; echo > /tmp/y && echo tmp; cat /dev/null; ls /proc/self/fd > /dev/null && echo proc',
        './list.txt',
        './folder',
        '{in:chat}',
        ...unseen,
      ),
      data: ['./list.txt', './folder'],
      isolate: true,
    },
    inputs: { chat: input },
    sources: { 'data.0': join(own, 'list.txt'), 'data.1': folder },
  });
  assert.equal(at('x'), `list.txt\nit's a folder/a.txt\ninput\n${projectRoot()}\n/tmp /tmp\ntmp\nproc\n`);
});

test('an isolated program writes only to {out}, {scratch} and /tmp', options, async (context) => {
  const [own, input, dir] = [temporaryDir(context), temporaryDir(context), temporaryDir(context)];
  writeFileSync(join(own, 'list.txt'), 'as it was');
  writeFileSync(join(input, 'f'), 'as it was');
  const { at } = await runCommand(dir, {
    params: {
      argv: writing(
        'for path; do (echo changed > "$path") 2>/dev/null && echo "writes $path"; done; true',
        ...['./list.txt', '{in:chat}/f', '{in:chat}/more', '/usr/x', '/etc/x', '/x', '/var/x', '{scratch}/x', '/sys/x'],
      ),
      data: ['./list.txt'],
      isolate: true,
    },
    inputs: { chat: input },
    sources: { 'data.0': join(own, 'list.txt') },
  });
  assert.equal(at('x'), `writes ${join(dir, 'scratch', 'x')}\n`);
  assert.equal(readFileSync(join(dir, 'scratch', 'x'), 'utf8'), 'changed\n');
  assert.equal(
    readFileSync(join(own, 'list.txt'), 'utf8') + readFileSync(join(input, 'f'), 'utf8'),
    'as it was'.repeat(2),
  );
  assert.ok(!existsSync('/usr/x') && !existsSync('/etc/x') && !existsSync('/x'));
});

test(
  'what `code` leaves out is hidden unless `data` names it; what links lead to is shown',
  options,
  async (context) => {
    const [own, elsewhere] = [temporaryDir(context), temporaryDir(context)];
    for (const path of ['lib/node_modules/dep', 'lib/__pycache__', 'lib/sub/node_modules'])
      mkdirSync(join(own, path), { recursive: true });
    for (const file of ['lib/x', 'lib/x.pyc', 'lib/node_modules/dep/y', 'lib/__pycache__/z', 'lib/sub/node_modules/w'])
      writeFileSync(join(own, file), `${file}\n`);
    for (const name of ['linked', 'not-linked']) writeFileSync(join(elsewhere, name), `${name}\n`);
    symlinkSync(join(elsewhere, 'linked'), join(own, 'lib', 'link'));
    const seen = async (data: string[]): Promise<string> => {
      const { at } = await runCommand(temporaryDir(context), {
        params: {
          argv: writing('cd "$1"; find . -type f -size +0 | sort; cat link; ls "$2"', './lib', elsewhere),
          code: ['./lib'],
          data,
          isolate: true,
        },
        sources: {
          'code.0': join(own, 'lib'),
          ...Object.fromEntries(data.map((path, index) => [`data.${index}`, join(own, path)])),
        },
      });
      return at('x');
    };
    assert.equal(await seen([]), './x\nlinked\nlinked\n');
    assert.equal(await seen(['./lib/node_modules/dep']), './node_modules/dep/y\n./x\nlinked\nlinked\n');
    assert.match(await seen(['./lib']), /__pycache__\/z[^]*node_modules\/dep\/y[^]*x\.pyc/);
  },
);

test('a program of a Python environment sees its environment, any other one only itself', options, async (context) => {
  const own = temporaryDir(context);
  for (const path of ['env/bin', 'env/lib', 'tools/bin', 'tools/lib']) mkdirSync(join(own, path), { recursive: true });
  writeFileSync(join(own, 'env', 'pyvenv.cfg'), '');
  for (const folder of ['env', 'tools']) {
    writeFileSync(join(own, folder, 'bin', 'list'), '#!/bin/sh\nls "${0%/bin/list}" > "$1/x"\n');
    chmodSync(join(own, folder, 'bin', 'list'), 0o755);
  }
  const seen = async (program: string): Promise<string> => {
    const { at } = await runCommand(temporaryDir(context), { params: { argv: [program, '{out}'], isolate: true } });
    return at('x');
  };
  assert.equal(await seen(join(own, 'env', 'bin', 'list')), 'bin\nlib\npyvenv.cfg\n');
  assert.equal(await seen(join(own, 'tools', 'bin', 'list')), 'bin\n');
  const { at } = await runCommand(temporaryDir(context), {
    params: { argv: ['/bin/sh', '-c', 'ls / > "$0/x"', '{out}'], isolate: true },
  });
  assert.ok(!at('x').split('\n').includes('home'), 'the folder around /bin is not shown');
});

test('exit code, signal, input and output of an isolated program are its own', options, async (context) => {
  const isolate = true;
  const failing = (script: string) =>
    runCommand(temporaryDir(context), { params: { argv: ['sh', '-c', script, '{out}'], isolate } });
  await assert.rejects(failing('exit 7'), { message: 'sh exited with code 7; its output is in the log' });
  await assert.rejects(failing('exit 125'), { message: 'sh exited with code 125; its output is in the log' });
  await assert.rejects(failing('kill -9 $$'), { message: 'sh was killed by SIGKILL; its output is in the log' });
  const input = temporaryDir(context);
  writeFileSync(join(input, 'f'), 'b\na\n');
  const { at, events } = await runCommand(temporaryDir(context), {
    params: {
      argv: ['sh', '-c', 'echo "metric loss 1 2" >&2; sort'],
      stdin: '{in:chat}/f',
      stdout: '{out}/x',
      isolate,
    },
    inputs: { chat: input },
  });
  assert.equal(at('x'), 'a\nb\n');
  assert.deepEqual(events, [{ kind: 'metric', name: 'loss', step: 1, value: 2 }]);
});

test('an isolated program can save when it is stopped, and leaves no process', options, async (context) => {
  const dir = temporaryDir(context);
  const stop = new AbortController();
  const script = `setsid sleep 300 & trap 'echo 41 > "$1/at"; exit 0' TERM; echo > "$1/ready"; while :; do sleep 0.05; done`;
  const running = runCommand(dir, {
    params: { argv: ['sh', '-c', script, '{out}', '{scratch}'], isolate: true },
    signal: stop.signal,
  });
  await eventually('it is ready', () => existsSync(join(dir, 'scratch', 'ready')));
  stop.abort();
  await assert.rejects(running, { name: 'StageStopped' });
  assert.equal(readFileSync(join(dir, 'scratch', 'at'), 'utf8'), '41\n');
});

test('a process that outlives an isolated program is ended', options, async (context) => {
  const seconds = String(300 + Math.random());
  const script = `exec 3<>"$0/x"; (setsid env -i sleep ${seconds} &) ; echo whole >&3`;
  const { at } = await runCommand(temporaryDir(context), {
    params: { argv: ['sh', '-c', script, '{out}'], isolate: true },
  });
  assert.equal(at('x'), 'whole\n');
  assert.deepEqual(
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).includes(seconds)),
    [],
  );
});

test('the flags of a mount and of those below it are read from the mount table', () => {
  const table = [
    '20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '21 20 8:2 / /etc rw,nosuid,noatime - ext4 /dev/sda2 rw',
    '22 21 8:3 / /etc/my\\040folder ro,nodev,noexec - ext4 /dev/sda3 rw',
    '23 21 8:4 / /etcetera rw - ext4 /dev/sda4 rw',
    '',
  ].join('\n');
  assert.deepEqual(mountsAt('/etc', table), [
    { below: '', flags: ['nosuid', 'noatime'] },
    { below: '/my folder', flags: ['nodev', 'noexec'] },
  ]);
  assert.deepEqual(mountsAt('/usr', table), [{ below: '', flags: ['relatime'] }]);
});

test("a checkout inside of the system's folders is not shown, except for what is declared", options, () => {
  const file =
    '/usr/share/' + readdirSync('/usr/share', { withFileTypes: true }).find((entry) => entry.isDirectory())!.name;
  const { argv, hasFailed, close } = isolated(['ls', '-A', '/usr/share'], '/usr/share', [
    { path: file, writable: false, hidden: [] },
  ]);
  const { stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' });
  assert.equal(hasFailed(), false, stderr);
  const seen = stdout.split('\n').filter((name) => name !== '' && name !== 'zoneinfo'); // where /etc/localtime leads
  assert.deepEqual(seen, [file.slice('/usr/share/'.length)]);
  close();
});
