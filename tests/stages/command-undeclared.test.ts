import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { thisMachine } from '../../src/cli/machine/this-machine.ts';
import { contract as command } from '../../stages/command/contract.ts';
import type { Params } from '../../stages/command/params.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { node, runCommand } from './run-command.ts';

type Given = Partial<Params> & { argv: string[] };

/** A folder with files of the user's; some are executable. */
function folder(context: TestContext) {
  const dir = temporaryDir(context);
  for (const path of ['lists', 'lib/node_modules/dep', 'lib/__pycache__', 'env/bin', 'bin'])
    mkdirSync(join(dir, path), { recursive: true });
  for (const file of [
    'own.sh',
    'list.txt',
    'a list.txt',
    'lists/a.csv',
    'secret.txt',
    'lib/x.js',
    'lib/node_modules/dep/index.js',
    'lib/__pycache__/x.pyc',
    'env/pyvenv.cfg',
    'env/bin/tool',
    'bin/tool',
  ])
    writeFileSync(join(dir, file), '#!/bin/sh\n');
  for (const file of ['own.sh', 'list.txt', 'env/bin/tool', 'bin/tool']) chmodSync(join(dir, file), 0o755);
  const locate = (named: string): string => resolve(dir, named);
  const faults = (params: Given) =>
    command.lacks!(Value.Default(command.params, { ...params }) as never, thisMachine(locate));
  return { dir, faults, where: (params: Given) => faults(params).map(({ path }) => path) };
}

const checked = (params: Given, ports: string[] = []) =>
  command.check!(Value.Default(command.params, { ...params }) as never, ports);

test('a file that is not declared is refused wherever a program may read it from', (context) => {
  const { dir, where } = folder(context);
  const own = (name: string): string => join(dir, name);
  const { HOME } = process.env;
  process.env['HOME'] = dir; // where `homedir` looks
  context.after(() => (process.env['HOME'] = HOME));
  const refused: [place: string, params: Given][] = [
    ['argv.0', { argv: [own('own.sh'), '{out}'] }],
    ['argv.0', { argv: [own('bin/tool'), '{out}'] }],
    ['argv.1', { argv: ['cp', own('secret.txt'), '{out}'] }],
    ['argv.1', { argv: ['cp', own('list.txt'), '{out}'] }], // has the executable bit
    ['argv.1', { argv: ['cp', './list.txt', '{out}'] }],
    ['argv.1', { argv: ['cp', own('a list.txt'), '{out}'] }],
    ['argv.1', { argv: ['env', own('own.sh'), '{out}'] }],
    ['argv.1', { argv: ['sh', `--in=${own('secret.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `--in=${own('a list.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', '--in=./secret.txt', '{out}'] }],
    ['argv.1', { argv: ['sh', `if=${own('list.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `-f${own('secret.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `@${own('secret.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `--form=text=@${own('secret.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `file://${own('secret.txt')}`, '{out}'] }],
    ['argv.1', { argv: ['sh', `--all=${own('nothing')},${own('secret.txt')}`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `cat ${own('secret.txt')} > "$0"/x`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `cat < "${own('a list.txt')}" > "$0"/x`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `cat ${own('a\\ list.txt')} > "$0"/x`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `${own('own.sh')}; date`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', 'cat ~/list.txt > "$0"/x', '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', 'cat "$HOME/list.txt" > "$0"/x', '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', 'cat ${HOME}/list.txt > "$0"/x', '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', 'wc -l package.json > "$0"/x', '{out}'] }], // in the checkout, where it runs
    ['argv.2', { argv: ['python3', '-c', `print(open("${own('secret.txt')}").read())`, '{out}'] }],
    ['env.FILE', { argv: ['sh', '{out}'], env: { FILE: own('secret.txt') } }],
    ['env.FILE', { argv: ['sh', '{out}'], env: { FILE: './secret.txt' } }],
    ['env.FILES', { argv: ['sh', '{out}'], env: { FILES: `/nowhere:${own('list.txt')}` } }],
    ['env.OPTIONS', { argv: ['sh', '{out}'], env: { OPTIONS: `-v --in=${own('secret.txt')}` } }],
    ['argv.1', { argv: ['sh', './lists/../secret.txt', '{out}'], data: ['./lists'] }],
    ['argv.1', { argv: ['sh', './lib/node_modules/dep/index.js', '{out}'], code: ['./lib'] }],
    ['argv.1', { argv: ['sh', './lib/__pycache__/x.pyc', '{out}'], code: ['./lib'] }],
  ];
  for (const [place, params] of refused) assert.deepEqual(where(params), [place], JSON.stringify(params));
});

test('what is declared, what is written, programs of the machine and plain words need no declaration', (context) => {
  const { dir, where } = folder(context);
  const own = (name: string): string => join(dir, name);
  symlinkSync(process.execPath, own('env/bin/node'));
  const accepted: Given[] = [
    { argv: [own('own.sh'), '{out}'], code: [own('own.sh')] },
    { argv: ['sh', './own.sh', '{out}'], code: ['./own.sh'] },
    { argv: ['sh', own('own.sh'), '{out}'], code: ['./own.sh'] },
    { argv: ['sh', './lists//a.csv', '{out}'], data: ['./lists/'] },
    { argv: ['sh', './lib/node_modules/dep/index.js', '{out}'], data: ['./lib'] },
    { argv: ['sh', `--in=${own('secret.txt')}`, '{out}'], data: [own('secret.txt')] },
    { argv: ['sh', '--in=./secret.txt', '{out}'], data: ['./secret.txt'] },
    { argv: ['sh', '{out}'], env: { FILE: './secret.txt' }, data: ['./secret.txt'] },
    { argv: ['sh', '-c', `cat ${own('secret.txt')}`, '{out}'], data: [own('secret.txt')] },
    { argv: [process.execPath, '-e', '0', process.execPath, '{out}'] },
    { argv: ['/bin/sh', '-c', '/usr/bin/env true; cat /dev/null /proc/self/status', '{out}'] },
    { argv: [own('env/bin/tool'), '{out}'] }, // of a Python environment
    { argv: [own('env/bin/node'), '{out}'] },
    { argv: ['sh', '-c', `echo > ${own('secret.txt')}; date >>'${own('list.txt')}' | tee ${own('own.sh')}`, '{out}'] },
    { argv: [process.execPath, '-e', `fs.writeFileSync("${own('secret.txt')}", "")`, '{out}'] },
    { argv: ['python3', '-c', `open("${own('secret.txt')}", "a").write("x")`, '{out}'] },
    { argv: ['sh', own('no-such-file'), '--mode=runner', dir, '{out}'], env: { MODE: 'runner', N: 3, DIR: dir } },
    { argv: ['sed', 's/a.b/c/', '{out}'] },
  ];
  for (const params of accepted) assert.deepEqual(where(params), [], JSON.stringify(params));
});

test('a program that only the PATH of the stage has is found there', (context) => {
  const { dir, where } = folder(context);
  assert.deepEqual(where({ argv: ['tool', '{out}'] }), ['argv.0']);
  assert.deepEqual(where({ argv: ['tool', '{out}'], env: { PATH: `${join(dir, 'bin')}:/usr/bin` } }), []);
});

test('the error says how to declare the file', (context) => {
  const { dir, faults } = folder(context);
  const [script] = faults({ argv: [join(dir, 'own.sh'), '{out}'] });
  assert.match(script!.message, /own\.sh" is a file that is not declared: the stage would not rerun when it changes/);
  assert.equal(script!.hint, `declare it: code: [${join(dir, 'own.sh')}], or use a program on the PATH`);
  const [word] = faults({ argv: ['sh', '-c', 'wc -l package.json > "$0"/x', '{out}'] });
  assert.match(word!.message, /^"package\.json" in this text is a file that is not declared/);
  assert.match(word!.hint!, /pass it as an argument of its own, .*: argv: \[sh, -c, '… "\$1"', sh, package\.json\]/);
  const [left] = faults({ argv: ['sh', './lib/node_modules/dep/index.js', '{out}'], code: ['./lib'] });
  assert.match(left!.hint!, /declare it: data: .*`code` leaves out caches, version control and installed packages/);
});

test('standard input comes from an input or a declared file', () => {
  const stdin = (text: string, more: Partial<Params> = {}) =>
    checked({ argv: ['cat', '{in:chat}', '{out}'], stdin: text, ...more }, ['chat']).map(({ path }) => path);
  for (const text of ['{in:chat}/f.txt']) assert.deepEqual(stdin(text), []);
  assert.deepEqual(stdin('./f', { data: ['./f'] }), []);
  assert.deepEqual(stdin('/lists/a/f', { data: ['/lists'] }), []);
  for (const text of ['/etc/hostname', './f', 'f', '{scratch}/f', '{out}/f', '{in:chat}', '~/f'])
    assert.deepEqual(stdin(text), ['stdin'], text);
  assert.deepEqual(stdin('/lists/../f', { data: ['/lists'] }), ['stdin']);
  assert.deepEqual(stdin('{in:chat}/../other/f'), ['stdin']);
});

test('a path does not leave the folder of a placeholder', () => {
  const places = (...argv: string[]) =>
    checked({ argv: [...argv, '{in:chat}', '{out}'], env: {} }, ['chat']).map(({ path }) => path);
  for (const text of ['{in:chat}/..', '{in:chat}/a/../../b', '--in={scratch}/../out', 'cat "{out}/../x" y'])
    assert.deepEqual(places('cat', text), ['argv.1'], text);
  for (const text of ['{in:chat}/..x', '{in:chat}/a..b/c', 'cat {out} ../x'])
    assert.deepEqual(places('cat', text), [], text);
});

test('a declared path becomes absolute after `=` too', async (context) => {
  const dir = temporaryDir(context);
  writeFileSync(join(dir, 'own.txt'), 'content');
  const { at } = await runCommand(temporaryDir(context), {
    params: {
      argv: node(
        'const [a, b, c, out] = process.argv.slice(1); fs.writeFileSync(out + "/x", JSON.stringify([a, b, c, process.env.FILE]))',
        'a/b=./own.txt',
        'sum=./own.txt',
        '--in=./own.txt',
        '{out}',
      ),
      env: { FILE: './own.txt' },
      data: ['./own.txt'],
    },
    sources: { 'data.0': join(dir, 'own.txt') },
  });
  const own = join(dir, 'own.txt');
  assert.deepEqual(JSON.parse(at('x')), ['a/b=./own.txt', `sum=${own}`, `--in=${own}`, own]);
});

test('a folder that is not declared is refused where a program clearly reads from it', (context) => {
  const { dir, faults, where } = folder(context);
  const lists = join(dir, 'lists');
  const refused: [place: string, params: Given][] = [
    ['argv.2', { argv: ['sh', '-c', `cat ${lists}/*.csv > "$0/x"`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `for f in ${lists}/?.csv; do cat "$f"; done > "$0/x"`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `cat < "${dir}"/a; cat ${dir}/li*/a.csv > "$0/x"`, '{out}'] }],
    ['argv.2', { argv: ['python3', '-c', `import glob; glob.glob("${lists}/*.csv")`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `cd ${lists} && cat a.csv > "$0/x"`, '{out}'] }],
    ['argv.2', { argv: ['sh', '-c', `true; (cd "${lists}"; cat a.csv) > "$0/x"`, '{out}'] }],
    ['argv.1', { argv: ['env', `--chdir=${lists}`, 'cat', 'a.csv', '{out}'] }],
    ['argv.1', { argv: ['grep', `--files=${lists}/*.csv`, '{out}'] }],
    ['env.PYTHONPATH', { argv: ['sh', '{out}'], env: { PYTHONPATH: `/nowhere:${join(dir, 'lib')}` } }],
    ['env.NODE_PATH', { argv: ['sh', '{out}'], env: { NODE_PATH: join(dir, 'lib') } }],
  ];
  for (const [place, params] of refused) assert.deepEqual(where(params), [place], JSON.stringify(params));
  const accepted: Given[] = [
    { argv: ['sh', '-c', `cat ${lists}/*.csv > "$0/x"`, '{out}'], data: [lists] },
    { argv: ['sh', '-c', `cd ${lists} && cat a.csv > "$0/x"`, '{out}'], data: [dir] },
    { argv: ['sh', '{out}'], env: { PYTHONPATH: join(dir, 'lib') }, code: [join(dir, 'lib')] },
    { argv: ['sh', '-c', 'cd "$0" && ls /usr/bin/*sh /proc/[0-9]* > x; cd /tmp; cd ..; cd -', '{out}'] },
    { argv: ['sh', '-c', `cd "{out}" && rm -f ${lists}/*.old; ls "$1"/*`, '{out}', '{in:chat}'] },
    { argv: ['sed', 's/a*/b/g; s,/x*/,,', '{out}'] },
    { argv: ['sh', '-c', `cat "$0"/*.csv ${join(dir, 'nothing')}/*`, '{out}'] },
  ];
  for (const params of accepted) assert.deepEqual(where(params), [], JSON.stringify(params));
  const [fault] = faults(refused[0]![1]);
  assert.match(fault!.message, /reads from the folder ".*lists", which is not declared/);
  assert.match(fault!.hint!, /declare it: code: \[.*lists\] for scripts, data: /);
});
