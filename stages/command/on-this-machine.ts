import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { projectFolder } from '../../src/files/project-folder.ts';
import type { Machine, ParamFault } from '../../src/pipeline/stage-kind.ts';
import { NOT_CODE } from './code-files.ts';
import { restBelow } from './declared-paths.ts';
import { isolationFault } from './isolate/isolated.ts';
import { foldersIn, looksLikePath, namesIn } from './named-files.ts';
import type { Name } from './named-files.ts';
import type { Params } from './params.ts';

/**
 * Faults that only this machine can show: a program that does not exist, and a file named in argv or env that is not
 * declared, so that the stage would not rerun when the file changes. Programs of the machine need no declaration.
 */
export function lacks(params: Params, machine: Machine): ParamFault[] {
  const { argv, env } = params;
  const texts: [path: string, text: string][] = [
    ...argv.map((text, index): [string, string] => [`argv.${index}`, text]),
    ...Object.entries(env ?? {}).map(([name, value]): [string, string] => [`env.${name}`, String(value)]),
  ];
  const faults = [...(isProgram(params, machine) ? [] : [noProgram(argv[0]!)]), ...isolationFaults(params)];
  for (const [path, text] of texts) {
    if (path === 'argv.0' && !isPath(text)) continue;
    const names = namesIn(text).filter((name) => path.startsWith('argv.') || looksLikePath(name.text));
    const name = names.find((name) => isUndeclared(name, params, machine));
    const variable = path.startsWith('env.') ? path.slice('env.'.length) : undefined;
    const folder = foldersIn(text, variable).find((one) => isUndeclaredFolder(one, params, machine));
    if (name !== undefined) faults.push(undeclared(path, text, name.text, params));
    else if (folder !== undefined) faults.push(undeclaredFolder(path, folder));
  }
  return faults;
}

// -----------------------------------------------------------------------------------------------------------

const isPath = (program: string): boolean => program.includes('/');

// --- programs ----------------------------------------------------------------------------------------------

function isProgram({ argv, env }: Params, { locate, isExecutable }: Machine): boolean {
  const program = argv[0]!;
  if (isPath(program)) return isExecutable(locate(program));
  const folders = String(env?.['PATH'] ?? process.env['PATH'] ?? '').split(delimiter);
  return folders.some((dir) => dir !== '' && isExecutable(join(dir, program)));
}

function isolationFaults({ isolate }: Params): ParamFault[] {
  const fault = isolate === true ? isolationFault() : null;
  return fault === null
    ? []
    : [
        {
          path: 'isolate',
          message: `this machine cannot isolate a program: ${fault}`,
          hint: 'it needs unshare and mount of util-linux and a kernel that lets you use them: root with CAP_SYS_ADMIN, or user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu). Without `isolate`, the program can read every file',
        },
      ];
}

const noProgram = (program: string): ParamFault => ({
  path: 'argv.0',
  message: `no program "${program}"`,
  hint: isPath(program) ? 'it must be an executable file: chmod +x' : 'install it, or give its path',
});

/** Where systems keep programs. Checkouts in images are often in /opt, /srv or /usr/src. */
const SYSTEM = /^\/(usr\/(?!src\/)|bin\/|sbin\/|lib[^/]*\/|nix\/store\/|gnu\/store\/|snap\/)/;
/** Devices and what the kernel says are nobody's files. */
const KERNEL = /^\/(dev\/(?!shm\/)|proc\/|sys\/)/;

/** An installed program: of the system, on the PATH, or of a Python or conda environment. */
function isOfMachine(path: string, { isExecutable }: Machine): boolean {
  if (KERNEL.test(path) || path === process.execPath) return true;
  if (!isExecutable(path) || path.startsWith(`${projectFolder()}/`)) return false;
  const [dir, real] = [dirname(path), realpathSync(path)];
  return (
    SYSTEM.test(real) ||
    (process.env['PATH'] ?? '').split(delimiter).includes(dir) ||
    ['pyvenv.cfg', 'conda-meta'].some((name) => existsSync(join(dirname(dir), name)))
  );
}

// --- files -------------------------------------------------------------------------------------------------

function isUndeclared({ text, isWord }: Name, params: Params, machine: Machine): boolean {
  const path = text.replace(/^(~|\$HOME)(?=\/)/, homedir());
  // Only a whole argument is replaced by the absolute path of what is declared; the program opens others in the project.
  const here = isWord || path.startsWith('.') ? [resolve(projectFolder(), path)] : [];
  const paths = isWord ? here : [machine.locate(path), ...here];
  return paths.some(
    (at) => machine.isFile(at) && !(isAbsolute(path) && isOfMachine(at, machine)) && !isDeclared(at, params, machine),
  );
}

/** A folder of the user's with something in it. Those of the system, and the one for temporary files, are nobody's. */
function isUndeclaredFolder(text: string, params: Params, machine: Machine): boolean {
  const path = text.replace(/^(~|\$HOME)(?=\/|$)/, homedir());
  const at = resolve(projectFolder(), path);
  if (/^(-|\.\.(\/|$))/.test(path)) return false; // relative to wherever the script has gone
  const free = ['/', '/tmp', tmpdir(), projectFolder()].includes(at) || SYSTEM.test(`${at}/`) || KERNEL.test(`${at}/`);
  return !free && !/^\/(etc|opt)(\/|$)/.test(at) && isFilled(at) && !isDeclared(at, params, machine);
}

function isFilled(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false; // not a folder, or not ours to read
  }
}

function isDeclared(path: string, { code, data }: Params, { locate }: Machine): boolean {
  if (data.some((declared) => restBelow(path, locate(declared)) !== null)) return true;
  return code.some((declared) => {
    const rest = restBelow(path, locate(declared));
    return rest !== null && !rest.split('/').some((name) => NOT_CODE.test(name));
  });
}

const undeclaredFolder = (path: string, folder: string): ParamFault => ({
  path,
  message: `the program reads from the folder "${folder}", which is not declared: the stage would not rerun when a file in it changes`,
  hint: `declare it: code: [${folder}] for scripts, data: [${folder}] for any other files, or declare the files that it reads`,
});

function undeclared(path: string, text: string, name: string, { argv, code }: Params): ParamFault {
  const isWhole = name === text;
  const where = isWhole ? `"${name}" is a file that is` : `"${name}" in this text is a file that is`;
  const leftOut = code.some((declared) => restBelow(name, declared));
  const declare = leftOut
    ? `declare it: data: [${name}]; \`code\` leaves out caches, version control and installed packages`
    : path === 'argv.0'
      ? `declare it: code: [${name}], or use a program on the PATH`
      : `declare it: code: [${name}] for a script, data: [${name}] for any other file`;
  const isShell = /^(sh|bash|dash|zsh|ksh)$/.test(basename(argv[0]!)) && path.startsWith('argv.');
  const asArgument =
    isWhole || !isShell || isAbsolute(name)
      ? ''
      : `, and pass it as an argument of its own, which becomes an absolute path: argv: [sh, -c, '… "$1"', sh, ${name}]`;
  const written = path === 'argv.0' ? '' : '. If the program only writes it, use {out} or {scratch}';
  return {
    path,
    message: `${where} not declared: the stage would not rerun when it changes`,
    hint: declare + asArgument + written,
  };
}
