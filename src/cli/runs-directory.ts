import { join, resolve } from 'node:path';
import { projectRoot } from '../files/project-root.ts';

/**
 * Where runs and the store lie: RUNNER_RUNS, or `runs/` of the checkout. Apart from the reading of pipelines, which
 * loads every stage kind.
 */
export const runsDirectory = (): string => resolve(process.env['RUNNER_RUNS'] ?? join(projectRoot(), 'runs'));
