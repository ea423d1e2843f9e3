import { readdirSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Machine, ParamFault } from '../../src/pipeline/stage-kind.ts';
import type { Params } from './params.ts';

/**
 * A program that is not there, and a file of the user's that is read without being declared: then nothing would notice
 * when it changes.
 */
export function lacks({ argv, code, data }: Params, machine: Machine): ParamFault[] {
  const declared = [...code, ...data];
  const faults: ParamFault[] = [];
  const program = argv[0]!;
  if (!isProgram(program, machine))
    faults.push({
      path: 'argv.0',
      message: `no program "${program}"`,
      hint: program.includes('/') ? 'a file that may be executed: chmod +x' : 'install it, or name its path',
    });
  argv.forEach((argument, place) => {
    if (place === 0 && !isPath(argument)) return;
    if (isAbsolute(argument) && machine.isExecutable(argument)) return; // a program of the machine's
    if (!machine.isFile(machine.locate(argument)) || declared.some((path) => isAtOrBelow(argument, path))) return;
    faults.push({
      path: `argv.${place}`,
      message: `"${argument}" is a file of yours that is not declared, so a change of it would go unnoticed`,
      hint: `code: [${argument}], or data: […] for what is no script`,
    });
  });
  return faults;
}

/** Files below a script's folder that are no scripts: caches that running it leaves, and the like. */
export function codeFiles(path: string): string[] {
  return statSync(path).isDirectory() ? filesBelow(path, '').sort() : [];
}

export const isAtOrBelow = (path: string, declared: string): boolean =>
  path === declared || path.startsWith(`${declared.replace(/\/$/, '')}/`);

// -----------------------------------------------------------------------------------------------------------

const NO_CODE = /^(__pycache__|\.git|\.DS_Store|node_modules|\.venv|.*\.pyc)$/;

function filesBelow(root: string, below: string): string[] {
  return readdirSync(join(root, below)).flatMap((name) => {
    if (NO_CODE.test(name)) return [];
    const path = below ? `${below}/${name}` : name;
    return statSync(join(root, path)).isDirectory() ? filesBelow(root, path) : [path];
  });
}

const isPath = (program: string): boolean => program.includes('/');

function isProgram(program: string, { locate, isExecutable }: Machine): boolean {
  if (isPath(program)) return isExecutable(locate(program));
  return (process.env['PATH'] ?? '').split(delimiter).some((dir) => dir !== '' && isExecutable(join(dir, program)));
}
