import { join, relative } from 'node:path';
import { ownProject, PROJECT_FILE } from '../../files/project-folder.ts';
import { readYamlText } from '../load/read-text.ts';
import { UsageError } from '../verb.ts';
import type { Project } from './project.ts';

/** The project around the current folder, once `openProject` has read it. */
export const openedProject = (): Project | null => opened;

/** Reads and checks `runner.yaml`, if there is one. Throws a PipelineFileError with every problem. */
export async function openProject(): Promise<void> {
  const dir = ownProject();
  if (dir === null) return;
  const path = join(dir, PROJECT_FILE);
  const shown = relative(process.cwd(), path);
  const read = readYamlText(path);
  if ('trouble' in read) throw new UsageError(`"${shown}" ${read.trouble}`);
  // Loading the parser takes twenty milliseconds, and an empty file marks a project as well.
  opened = /^(\s*(#.*)?\n?)*$/.test(read.text)
    ? { dir, settings: {}, fault: () => [[], new Map()] }
    : { dir, ...(await import('./read-settings.ts')).readSettings(shown, read.text) };
}

// ---------------------------------------------------------------------------

let opened: Project | null = null;
