import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from './project-root.ts';

/** A folder that holds this file is a project: `runs/`, `data/` and the relative paths of its pipelines belong to it. */
export const PROJECT_FILE = 'runner.yaml';

/** The nearest folder with a `runner.yaml`, from the current folder upwards; null if there is none. */
export function ownProject(): string | null {
  const from = process.cwd();
  if (known?.from !== from) known = { from, dir: nearestAbove(from) };
  return known.dir;
}

/**
 * The folder at which relative paths start: the user's project, else the checkout that this program is in. Installed by
 * npm it is in no checkout; then it is the current folder.
 */
export const projectFolder = (): string => ownProject() ?? checkout() ?? process.cwd();

/** The checkout that this program was built in; null if it was installed as a package. */
export function checkout(): string | null {
  inCheckout ??= existsSync(join(projectRoot(), 'build.mjs'));
  return inCheckout ? projectRoot() : null;
}

// ---------------------------------------------------------------------------

// Thousands of paths of a pipeline may be asked for.
let known: { from: string; dir: string | null } | undefined;
let inCheckout: boolean | undefined;

function nearestAbove(dir: string): string | null {
  if (existsSync(join(dir, PROJECT_FILE))) return dir;
  const parent = dirname(dir);
  return parent === dir ? null : nearestAbove(parent);
}
