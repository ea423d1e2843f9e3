import { join, relative } from 'node:path';
import { ownProject, PROJECT_FILE } from '../../files/project-folder.ts';
import type { Diagnostic } from '../../pipeline/diagnostic/diagnostic.ts';
import { readYamlText } from '../load/read-text.ts';
import { UsageError } from '../verb.ts';

/** What `runner.yaml` says; paths as written. */
export interface ProjectSettings {
  /** the folder for runs and results */
  runs?: string;
  /** the folder that paths beginning with `data/` mean */
  data?: string;
  /** the pipeline that `run`, `plan` and `graph` take if none is named */
  pipeline?: string;
}

export interface Project {
  dir: string;
  settings: ProjectSettings;
  /** A diagnostic at the value of a setting, with the texts to show it in. */
  fault(setting: keyof ProjectSettings, message: string, hint: string): [Diagnostic[], Map<string, string>];
}

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
