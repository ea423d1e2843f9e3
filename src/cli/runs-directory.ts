import { join, resolve } from 'node:path';
import { projectRoot } from '../files/project-root.ts';

/**
 * The folder with all runs and the store: RUNNER_RUNS, or `runs/` of the checkout. In a file of its own, because the
 * code that reads pipelines loads every stage kind.
 */
export const runsDirectory = (): string => resolve(process.env['RUNNER_RUNS'] ?? join(projectRoot(), 'runs'));
