import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { restBelow } from '../declared-paths.ts';
import { NOT_CODE } from '../code-files.ts';
import type { Context } from '../params.ts';

/** A file or folder that a program sees at the path that it has outside. */
export interface Shown {
  path: string;
  writable: boolean;
  /** paths below it that look empty */
  hidden: string[];
}

/** What a program may see besides the system: its inputs, what is declared, {out}, {scratch}, and itself. */
export function shownTo(program: string, { params, sources, inputs, outDir, scratchDir }: Context): Shown[] {
  const data = params.data.map((_, index) => sources[`data.${index}`]!);
  const code = params.code.map((_, index) => sources[`code.${index}`]!);
  const isData = (path: string): boolean => data.some((declared) => restBelow(path, declared) !== null);
  return [
    ...Object.values(inputs).map((path) => ({ path, writable: false, hidden: [] })),
    ...data.flatMap((path) => withLinked(path, () => false)),
    ...code.flatMap((path) => withLinked(path, (name, at) => NOT_CODE.test(name) && !isData(at))),
    ...installationOf(program).map((path) => ({ path, writable: false, hidden: [] })),
    ...[outDir, scratchDir].map((path) => ({ path, writable: true, hidden: [] })),
  ];
}

// -----------------------------------------------------------------------------------------------------------

/**
 * A declared file or folder, and what links in it lead to: the key covers the content behind a link. `isLeftOut` says
 * what the key does not cover.
 */
function withLinked(declared: string, isLeftOut: (name: string, path: string) => boolean): Shown[] {
  const found = new Map<string, Shown>();
  const visit = (path: string): void => {
    if (found.has(path) || !existsSync(path)) return;
    const shown: Shown = { path, writable: false, hidden: [] };
    found.set(path, shown);
    if (statSync(path).isDirectory()) walk(path, shown);
    if (lstatSync(path).isSymbolicLink()) visit(resolve(dirname(path), readlinkSync(path)));
  };
  const walk = (dir: string, shown: Shown): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (isLeftOut(entry.name, path)) shown.hidden.push(path);
      else if (entry.isDirectory()) walk(path, shown);
      else if (entry.isSymbolicLink()) visit(resolve(dir, readlinkSync(path)));
    }
  };
  visit(declared);
  return [...found.values()];
}

/**
 * Where a program is installed, if that is outside the system's folders: its Python, conda or Node installation, or
 * else its file alone.
 */
function installationOf(program: string): string[] {
  const paths = [...new Set([program, realpathSync(program)])];
  return paths.map((path) => {
    const prefix = dirname(dirname(path));
    return /\/bin\/[^/]+$/.test(path) && isInstallation(prefix) ? prefix : path;
  });
}

function isInstallation(prefix: string): boolean {
  if (prefix === '/' || prefix === join(homedir(), '.local') || prefix === homedir()) return false;
  const lib = join(prefix, 'lib');
  return (
    ['pyvenv.cfg', 'conda-meta', 'include/node'].some((name) => existsSync(join(prefix, name))) ||
    (existsSync(lib) && readdirSync(lib).some((name) => /^python\d/.test(name)))
  );
}
