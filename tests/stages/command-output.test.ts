import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const CHANGES: Record<string, string> = {
  'writes to a file': 'fs.chmodSync(dir + "/f", 0o644); fs.writeFileSync(dir + "/f", "other content")',
  'writes as many bytes as before': 'fs.chmodSync(dir + "/f", 0o644); fs.writeFileSync(dir + "/f", "CONTENT")',
  'replaces a file by a copy of its own': 'fs.rmSync(dir + "/f"); fs.writeFileSync(dir + "/f", "content")',
  'adds a file': 'fs.writeFileSync(dir + "/deep/more", "")',
  'adds a folder': 'fs.mkdirSync(dir + "/deep/more")',
  'removes a file': 'fs.rmSync(dir + "/f")',
  'renames a file': 'fs.renameSync(dir + "/f", dir + "/g")',
};

for (const [way, code] of Object.entries(CHANGES))
  test(`the output of a program that ${way} of its input is refused`, async (context) => {
    const input = temporaryDir(context);
    mkdirSync(join(input, 'deep'));
    for (const name of ['f', 'deep/g']) writeFileSync(join(input, name), 'content');
    const params = {
      argv: node(
        `const fs = require("fs"); const [dir, out] = process.argv.slice(1); fs.writeFileSync(out + "/x", ""); ${code}`,
        '{in:chat}',
        '{out}',
      ),
    };
    await assert.rejects(run(temporaryDir(context), { params, inputs: { chat: input } }), {
      name: 'StageInputError',
      message: 'the program changed its input "chat", so its output was discarded',
    });
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
