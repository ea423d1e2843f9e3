import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gitCommitAt } from '../../src/tracking/journal/git-commit.ts';

test('reads the same commit as git: loose, packed, detached, in a linked work tree; null if there is none', () => {
  const dir = mkdtempSync(join(tmpdir(), 'git-'));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' }).trim();
  const below = join(dir, 'runs', 'r1');
  mkdirSync(below, { recursive: true });
  assert.equal(gitCommitAt(below), null);
  git('init', '-q', '-b', 'some/branch');
  assert.equal(gitCommitAt(below), null);
  git('commit', '-q', '--allow-empty', '-m', 'one');
  const first = git('rev-parse', 'HEAD');
  assert.equal(gitCommitAt(below), first);
  git('pack-refs', '--all');
  assert.equal(gitCommitAt(below), first);
  git('worktree', 'add', '-q', '-b', 'other', join(dir, 'linked'));
  assert.equal(gitCommitAt(join(dir, 'linked')), first);
  git('commit', '-q', '--allow-empty', '-m', 'two');
  git('checkout', '-q', '--detach');
  assert.equal(gitCommitAt(below), git('rev-parse', 'HEAD'));
  assert.notEqual(gitCommitAt(below), first);
});
