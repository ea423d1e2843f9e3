import { dirname, isAbsolute, resolve } from 'node:path';
import { expandHome } from '../../files/expand-home.ts';
import { projectRoot } from '../../files/project-root.ts';

/** `./x` is relative to the pipeline file, `~/x` to the home folder, any other relative path to the checkout. */
export function locate(written: string, pipelinePath: string): string {
  const named = expandHome(written);
  if (isAbsolute(named)) return named;
  return /^\.\.?(\/|$)/.test(named) ? resolve(dirname(pipelinePath), named) : resolve(projectRoot(), named);
}
