import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { calledAs } from '../../files/called-as.ts';
import { expandHome } from '../../files/expand-home.ts';
import { PROJECT_FILE } from '../../files/project-folder.ts';
import { PipelineFileError } from '../../pipeline/diagnostic/diagnostic.ts';
import { UsageError } from '../verb.ts';
import { openedProject } from './settings.ts';

/** The pipeline file that a verb was given, else that of the project. Throws, with the verb's usage, if there is none. */
export function givenPipeline(file: string | null, usage: string): string {
  if (file !== null) return file;
  const project = openedProject();
  const named = project?.settings.pipeline;
  if (!project || named === undefined)
    throw new UsageError(
      `"${usage.split(' ', 1)[0]}": missing FILE${project ? `; ${join(relative(process.cwd(), project.dir), PROJECT_FILE)} names no \`pipeline:\` either` : ''}. Usage: ${calledAs()} ${usage}`,
    );
  const path = resolve(project.dir, expandHome(named));
  if (!existsSync(path))
    throw new PipelineFileError(
      ...project.fault('pipeline', `no file "${named}"`, `nothing is at ${path}; name the pipeline to run`),
    );
  return relative(process.cwd(), path);
}
