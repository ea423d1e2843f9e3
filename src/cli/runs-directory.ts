import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { calledAs } from '../files/called-as.ts';
import { expandHome } from '../files/expand-home.ts';
import { checkout } from '../files/project-folder.ts';
import { openedProject } from './project/settings.ts';
import { UsageError } from './verb.ts';

/**
 * The folder with all runs and the store: --runs, RUNNER_RUNS, or `runs/` of the project, else of the checkout. In a
 * file of its own, because the code that reads pipelines loads every stage kind.
 */
export function runsDirectory(): string {
  const dir = runsDirectoryOrNull();
  if (dir !== null) return dir;
  throw new UsageError(
    `no project here: neither this folder nor one above it has a runner.yaml; \`${calledAs()} init\` makes one`,
  );
}

/** Null if there is no project here, and this program is in no checkout. */
export function runsDirectoryOrNull(): string | null {
  const named = process.env['RUNNER_RUNS']; // --runs sets it too
  if (named !== undefined) return resolve(expandHome(named));
  const project = openedProject();
  if (project) return resolve(project.dir, expandHome(project.settings.runs ?? 'runs'));
  const root = checkout();
  return root === null ? null : join(root, 'runs');
}

/** As `runsDirectory`, for commands that write there. It holds conversations, so only its owner may enter it. */
export function privateRunsDirectory(): string {
  const dir = runsDirectory();
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(dir);
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      chmodSync(dir, 0o700);
      console.error(`${dir} holds your conversations: other users of this machine can no longer open it`);
    }
  } catch {
    // a read-only disk or another person's folder: what cannot be written is reported when it is needed
  }
  return dir;
}
