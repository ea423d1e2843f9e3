/** The commit of the checkout around a folder, read from `.git` without starting git. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** null outside a checkout, or before the first commit. */
export function gitCommitAt(dir: string): string | null {
  const gitDir = gitDirAbove(resolve(dir));
  if (!gitDir) return null;
  const head = trimmedText(join(gitDir, 'HEAD'));
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (!ref) return commitOrNull(head);
  // a linked work tree stores its branches in the main one
  const common = resolve(gitDir, trimmedText(join(gitDir, 'commondir')) || '.');
  return commitOrNull(trimmedText(join(common, ref))) ?? packedCommit(join(common, 'packed-refs'), ref);
}

function gitDirAbove(dir: string): string | null {
  for (let folder = dir; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    if (existsSync(path)) {
      if (statSync(path).isDirectory()) return path;
      const target = /^gitdir: (.+)$/.exec(trimmedText(path))?.[1];
      return target ? resolve(folder, target) : null;
    }
    if (dirname(folder) === folder) return null;
  }
}

function packedCommit(path: string, ref: string): string | null {
  const line = trimmedText(path)
    .split('\n')
    .find((text) => text.endsWith(` ${ref}`));
  return line ? commitOrNull(line.split(' ')[0] ?? '') : null;
}

function commitOrNull(text: string): string | null {
  return /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}

function trimmedText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
