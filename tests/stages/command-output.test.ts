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
