import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { expandHome } from '../../files/expand-home.ts';
import { projectFolder } from '../../files/project-folder.ts';
import { projectRoot } from '../../files/project-root.ts';
import { openedProject } from '../project/settings.ts';

/** `./x` is relative to the pipeline file, `~/x` to the home folder, any other relative path to the project. */
export function locate(written: string, pipelinePath: string): string {
  const named = expandHome(written);
  if (isAbsolute(named)) return named;
  return /^\.\.?(\/|$)/.test(named) ? resolve(dirname(pipelinePath), named) : inProject(named);
}

/** The configs that come with the program can be used in every project that has no file of that name. */
export function inProject(named: string): string {
  const data = openedProject()?.settings.data;
  if (data !== undefined && /^data(\/|$)/.test(named))
    return resolve(projectFolder(), expandHome(data), named.slice('data/'.length));
  const path = resolve(projectFolder(), named);
  const shipped = join(projectRoot(), named);
  return named.startsWith('configs/') && !existsSync(path) && existsSync(shipped) ? shipped : path;
}
