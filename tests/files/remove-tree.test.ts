import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from '../../src/files/remove-tree.ts';
import { temporaryDir } from '../kit/temporary.ts';

const MODULE = new URL(import.meta.url).pathname;

// Root may delete everything, so as root the test does it in a process of somebody else.
if (process.env['REMOVE_THIS'] === undefined)
  test('removes a folder with read-only folders in it, and accepts that nothing is there', (context) => {
    const dir = temporaryDir(context);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chmodSync(dir, 0o777);
    const path = join(dir, 'tree');
    const { status, stderr } = spawnSync(process.execPath, [MODULE], {
      env: { ...process.env, REMOVE_THIS: path },
      encoding: 'utf8',
      ...(isRoot ? { uid: 65534, gid: 65534 } : {}),
    });
    assert.equal(status, 0, stderr);
    assert.ok(!existsSync(path));
  });
else {
  const path = process.env['REMOVE_THIS'];
  mkdirSync(join(path, 'a', 'b'), { recursive: true });
  writeFileSync(join(path, 'a', 'b', 'x'), '');
  chmodSync(join(path, 'a', 'b'), 0o500);
  chmodSync(join(path, 'a'), 0o000);
  removeTree(path);
  removeTree(path);
}
