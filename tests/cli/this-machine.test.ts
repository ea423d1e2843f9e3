import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { thisMachine } from '../../src/cli/machine/this-machine.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('what cannot be looked at is no program: a loop of links, a long name, a folder that may not be entered', (context) => {
  const dir = temporaryDir(context);
  const { isFile, isExecutable } = thisMachine((path) => path);
  symlinkSync(join(dir, 'loop'), join(dir, 'loop'));
  writeFileSync(join(dir, 'file'), '');
  mkdirSync(join(dir, 'closed'));
  writeFileSync(join(dir, 'closed', 'program'), '', { mode: 0o755 });
  for (const path of [join(dir, 'loop'), join(dir, 'x'.repeat(5000)), join(dir, 'file', 'below'), '', 'a\0b'])
    assert.deepEqual([isFile(path), isExecutable(path)], [false, false]);
  assert.equal(isFile(join(dir, 'file')), true);
  chmodSync(join(dir, 'closed'), 0);
  const isRoot = process.geteuid?.() === 0;
  chmodSync(dir, 0o755);
  if (isRoot) process.seteuid?.(65534);
  try {
    assert.deepEqual(
      [isFile(join(dir, 'closed', 'program')), isExecutable(join(dir, 'closed', 'program'))],
      [false, false],
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
