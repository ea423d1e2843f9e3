import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expandHome } from '../files/expand-home.ts';
import { projectRoot } from '../files/project-root.ts';

/**
 * The folder with all runs and the store: RUNNER_RUNS, or `runs/` of the checkout. In a file of its own, because the
 * code that reads pipelines loads every stage kind.
 */
export const runsDirectory = (): string =>
  resolve(expandHome(process.env['RUNNER_RUNS'] ?? join(projectRoot(), 'runs')));

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
