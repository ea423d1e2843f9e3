import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNotOn } from '../../src/cli/unsupported-system.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('only Windows is refused', () => {
  assert.match(whyNotOn('win32')!, /Windows itself.*wsl --install.*Docker/);
  for (const platform of ['linux', 'darwin', 'freebsd'] as const) assert.equal(whyNotOn(platform), null);
});

test('in Windows itself, a command ends with that message instead of a stack trace; help works', (context) => {
  const pretend = join(temporaryDir(context), 'pretend.cjs');
  writeFileSync(pretend, "Object.defineProperty(process, 'platform', { value: 'win32' });");
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--require', pretend, join(projectRoot(), 'dist', 'cli.js'), ...args], {
      encoding: 'utf8',
    });
  const { status, stderr } = run('ls');
  assert.equal(status, 1);
  assert.match(stderr, /^error this does not run in Windows itself: [^\n]*\n$/);
  assert.equal(run('help').status, 0);
});
