import { readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Machine, ParamFault } from '../../src/pipeline/stage-kind.ts';
import { restBelow } from './declared-paths.ts';
import type { Params } from './params.ts';

/**
 * Faults that only this machine can show: a program that does not exist, and a file in argv that is not declared, so
 * that the stage would not rerun when the file changes.
 */
export function lacks({ argv, code, data }: Params, machine: Machine): ParamFault[] {
  const declared = [...code, ...data];
  const faults: ParamFault[] = [];
  const program = argv[0]!;
  if (!isProgram(program, machine))
    faults.push({
      path: 'argv.0',
      message: `no program "${program}"`,
      hint: program.includes('/') ? 'it must be an executable file: chmod +x' : 'install it, or give its path',
    });
  argv.forEach((argument, index) => {
    if (index === 0 && !isPath(argument)) return;
    if (isAbsolute(argument) && machine.isExecutable(argument)) return; // an installed program
    if (!machine.isFile(machine.locate(argument)) || declared.some((path) => restBelow(argument, path) !== null))
      return;
    faults.push({
      path: `argv.${index}`,
      message: `"${argument}" is a file that is not declared: the stage would not rerun when it changes`,
      hint: `declare it: code: [${argument}] for a script, data: [${argument}] for any other file`,
    });
  });
  return faults;
}

/** The files of a folder of scripts, without caches, version control and the like. */
export function codeFiles(path: string): string[] {
  return statSync(path).isDirectory() ? filesBelow(path, '').sort() : [];
}

// -----------------------------------------------------------------------------------------------------------

const NOT_CODE = /^(__pycache__|\.git|\.DS_Store|node_modules|\.venv|.*\.pyc)$/;

function filesBelow(root: string, below: string, above: string[] = []): string[] {
  const folder = realpathSync(join(root, below));
  if (above.includes(folder)) return []; // a link to a folder around it
  return readdirSync(join(root, below)).flatMap((name) => {
    if (NOT_CODE.test(name)) return [];
    const path = below ? `${below}/${name}` : name;
    const found = statSync(join(root, path), { throwIfNoEntry: false }); // a link may lead nowhere
    return found?.isDirectory() ? filesBelow(root, path, [...above, folder]) : found ? [path] : [];
  });
}

const isPath = (program: string): boolean => program.includes('/');

function isProgram(program: string, { locate, isExecutable }: Machine): boolean {
  if (isPath(program)) return isExecutable(locate(program));
  return (process.env['PATH'] ?? '').split(delimiter).some((dir) => dir !== '' && isExecutable(join(dir, program)));
}
