import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { projectFolder } from '../../files/project-folder.ts';
import { userName } from '../../files/user-name.ts';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';
import { flowValue } from '../../pipeline/schema/flow-text.ts';
import { locate } from './locate.ts';

/** What to write instead of a path of a pipeline file at which nothing is, as a sentence; null if nobody can guess. */
export function missingPathHint(written: string, pipelinePath: string): string | null {
  const folder = dirname(pipelinePath);
  const from = unlikelyPath(written);
  if (from !== null) return from;
  const isDotted = /^\.\.?(\/|$)/.test(written);
  const bare = written.replace(/^\.\//, '');
  if (!isDotted && existsSync(resolve(folder, written)))
    return `it is beside this file: write ${flowValue(dotted(written))}`;
  if (isDotted && existsSync(resolve(projectFolder(), bare)))
    return `it is in ${projectFolder()}: write ${flowValue(bare)}`;
  if (!written.startsWith('~') && existsSync(resolve(written)))
    return `it is in the current folder: write ${flowValue(dotted(relative(folder, resolve(written))))}`;
  return nearName(written, pipelinePath) ?? (isDotted ? null : nearName(dotted(written), pipelinePath));
}

// ---------------------------------------------------------------------------

const dotted = (path: string): string => (/^\.\.?(\/|$)/.test(path) ? path : `./${path}`);

/** Forms that a shell, a browser or Windows understands. */
function unlikelyPath(written: string): string | null {
  const variable = /^\$\{?(\w+)\}?(\/.*|$)/.exec(written);
  if (variable) {
    const [, name = '', rest = ''] = variable;
    const value = name === 'HOME' ? '~' : process.env[name];
    return value === undefined
      ? `$${name} is not replaced, and has no value here: write the path itself`
      : `$${name} is not replaced: write ${flowValue(`${value}${rest}`)}`;
  }
  const home = /^~(\w[\w.-]*)(\/.*|$)/.exec(written);
  if (home) {
    const [, name = '', rest = ''] = home;
    const dir = name === userName() ? '~' : join(dirname(homedir()), name);
    return `only ~/ is replaced, for your own home folder: write ${flowValue(`${dir}${rest}`)}`;
  }
  const drive = /^([A-Za-z]):[\\/]+(.*)$/.exec(written);
  if (drive) {
    const path = `/mnt/${drive[1]!.toLowerCase()}/${drive[2]!.replaceAll('\\', '/')}`;
    return `that is a path of Windows; under WSL, write ${flowValue(path)}`;
  }
  const url = /^(\w+):\/\/(.*)$/.exec(written);
  if (url)
    return url[1] === 'file'
      ? `write ${flowValue(url[2]!)}`
      : 'nothing is downloaded: save it, and write the path of the file';
  return null;
}

/** The name in that folder which is most like the one that was written. */
function nearName(written: string, pipelinePath: string): string | null {
  const path = locate(written, pipelinePath);
  let names: string[] = [];
  try {
    names = readdirSync(dirname(path)).filter((name) => !name.startsWith('.'));
  } catch {
    // the folder does not exist either
  }
  const near = nearest(basename(path), names);
  if (near === null) return null;
  const folder = written.includes('/') ? written.slice(0, written.replace(/\/+$/, '').lastIndexOf('/') + 1) : '';
  return `did you mean ${flowValue(`${folder}${near}`)}?`;
}
