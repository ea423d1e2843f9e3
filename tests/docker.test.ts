/** No Docker here: only what can be said about the two files themselves. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../src/files/project-root.ts';

const linesOf = (name: string): string[] =>
  readFileSync(join(projectRoot(), name), 'utf8')
    .split('\n')
    .map((line) => line.replace(/\/$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'));

test('what git ignores, and the chats, stay out of the image', () => {
  const ignored = new Set(linesOf('.dockerignore'));
  for (const entry of ['.git', 'data', ...linesOf('.gitignore')]) assert.ok(ignored.has(entry), entry);
});

test('every file that the Dockerfile names exists, and it does not run as root', () => {
  const lines = linesOf('Dockerfile');
  const copied = lines.flatMap((line) => (line.startsWith('COPY') ? line.split(/\s+/).slice(2, -1) : []));
  assert.ok(copied.includes('package-lock.json'));
  for (const name of [...copied, 'runner', 'pipelines/quickstart.yaml'])
    assert.ok(existsSync(join(projectRoot(), name)), name);
  assert.deepEqual(lines.at(-1), 'CMD ["run", "pipelines/quickstart.yaml"]');
  assert.ok(lines.includes('USER node'));
});
