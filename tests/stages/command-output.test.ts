import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDir } from '../kit/temporary.ts';
import { node, runCommand as run } from './run-command.ts';

test('a file with a second name is copied: writing to the other name does not change the output', async (context) => {
  const dir = temporaryDir(context);
  const own = join(dir, 'own.txt');
  writeFileSync(own, 'as it was');
  const { outDir, at } = await run(dir, {
    params: {
      argv: node(
        'const { linkSync, mkdirSync } = require("fs"); const [own, out] = process.argv.slice(1); linkSync(own, out + "/a"); mkdirSync(out + "/deep"); linkSync(out + "/a", out + "/deep/b")',
        './own.txt',
        '{out}',
      ),
      data: ['./own.txt'],
    },
    sources: { 'data.0': own },
  });
  chmodSync(own, 0o644);
  writeFileSync(own, 'changed');
  assert.deepEqual([at('a'), at('deep/b')], ['as it was', 'as it was']);
  for (const name of ['a', 'deep/b']) assert.equal(lstatSync(join(outDir, name)).nlink, 1);
});

test('linking an input file to the output is no change of it', async (context) => {
  const input = temporaryDir(context);
  writeFileSync(join(input, 'f'), 'content');
  const { at } = await run(temporaryDir(context), {
    params: { argv: ['ln', '{in:chat}/f', '{out}/f'] },
    inputs: { chat: input },
  });
  assert.equal(at('f'), 'content');
});

test(
  'output that a foreign process keeps open is not waited for',
  { timeout: 60_000, skip: existsSync('/usr/bin/prlimit') ? false : 'needs prlimit' },
  async (context) => {
    const dir = temporaryDir(context);
    // neither in its environment nor by its limits to be recognized as ours
    const script = `setsid prlimit --locks=unlimited: env -i sh -c 'echo $$ > "$1"; exec sleep 60' sh "$1/pid" & while [ ! -e "$1/pid" ]; do sleep 0.05; done; echo > "$2/x"`;
    await run(dir, { params: { argv: ['sh', '-c', script, 'sh', dir, '{out}'] } });
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
    assert.ok(process.kill(pid, 'SIGKILL'), 'it is still there');
  },
);

const SPOILT: Record<string, { script: string; message: RegExp }> = {
  'a link in place of {out}': {
    script: 'mkdir "$1/mine"; echo > "$1/mine/f"; rm -r "$0"; ln -s "$1/mine" "$0"',
    message: /replaced \{out\} by something that is not a folder/,
  },
  'a file in place of {out}': { script: 'rm -r "$0"; echo > "$0"', message: /replaced \{out\} by something/ },
  'no {out}': { script: 'rm -r "$0"', message: /removed \{out\}/ },
  'a name that is not UTF-8': { script: 'echo > "$0/$(printf "\\377")"', message: /a name in \{out\} is not UTF-8/ },
  'a deep name that is not UTF-8': {
    script: 'mkdir "$0/deep"; echo > "$0/deep/$(printf "\\377")"',
    message: /a name in deep in \{out\} is not UTF-8/,
  },
};

for (const [what, { script, message }] of Object.entries(SPOILT))
  test(`${what} is refused in words`, async (context) => {
    const params = { argv: ['sh', '-c', script, '{out}', '{scratch}'] };
    await assert.rejects(run(temporaryDir(context), { params }), { name: 'StageInputError', message });
  });

test('what a program has locked even for us can be sealed, and moved later', async (context) => {
  const script = 'mkdir -p "$0/a/b"; echo x > "$0/a/b/x"; chmod 000 "$0/a/b/x" "$0/a/b"; chmod 500 "$0/a" "$0"';
  const { outDir } = await run(temporaryDir(context), { params: { argv: ['sh', '-c', script, '{out}'] } });
  const modes = ['', 'a', 'a/b', 'a/b/x'].map((path) => (lstatSync(join(outDir, path)).mode & 0o700).toString(8));
  assert.deepEqual(modes, ['700', '700', '700', '400']);
});
