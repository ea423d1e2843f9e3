import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryName } from '../../src/files/temporary-name.ts';
import { sweepAside } from '../../src/store/sweep-aside.ts';
import { temporaryDir } from '../kit/temporary.ts';

const WRITTEN = [
  'latest',
  '20260101-000000-p-aaaa/run.json',
  '20260101-000000-p-aaaa/stages/model',
  'store/keys/k/entry.json',
  'store/keys/k/pre-image.json',
  'store/work/k/spec.json',
  'store/last/p.jsonl',
  'store/stats/s.json',
  'store/stats/manifests/m',
  'store/artifacts/a',
];

test('temporary files of killed processes are deleted wherever we write, but not those of this hour', (context) => {
  const runs = temporaryDir(context);
  const old: string[] = [];
  const kept: string[] = [];
  for (const path of WRITTEN.map((each) => join(runs, each))) {
    mkdirSync(dirname(path), { recursive: true });
    const [dead, fresh] = [temporaryName(path), temporaryName(path)];
    if (path.endsWith('/a')) mkdirSync(join(dead, 'folder'), { recursive: true });
    else writeFileSync(dead, '');
    for (const file of [path, fresh]) writeFileSync(file, '');
    for (const file of [path, dead]) utimesSync(file, 1, 1);
    old.push(dead);
    kept.push(path, fresh);
  }
  symlinkSync('nowhere', join(runs, 'dangling.aside'));
  sweepAside(runs);
  assert.deepEqual(old.filter(existsSync), []);
  assert.deepEqual(
    kept.filter((path) => !existsSync(path)),
    [],
  );
  sweepAside(join(runs, 'missing'));
});
