import type * as Files from 'node:fs';
import type * as Path from 'node:path';
import { shellWord } from './shell-word.ts';

/**
 * How the program was called, as a word for a shell: `./runner`, `runner` from a folder of the PATH, `../clone/runner`
 * or `npx ./chat-runner.tgz`. A printed command begins with it, so that it can be pasted.
 */
export function calledAs(): string {
  const runs = process.env['RUNNER_CALLED_WITH_RUNS']; // set by --runs
  return runs === undefined ? callee() : `${callee()} --runs ${shellWord(runs)}`;
}

function callee(): string {
  const script = process.env['RUNNER_CALLED_AS']; // set by the script `runner`
  if (script?.includes('/')) return shellWord(onPath(script) ?? script);
  const program = process.argv[1] ?? '';
  if (program.includes('/_npx/')) return npxCommand(program);
  if (!program.endsWith('.js')) return shellWord(onPath(program) ?? program); // a link that npm has made
  const own = seenFromHere(rootOf(program), 'runner');
  return shellWord(own.includes('/') ? own : `./${own}`);
}

/** Whether npm has installed the program: it then starts it through a link. */
export const isInstalled = (): boolean => !(process.argv[1] ?? '').endsWith('.js');

/** A file that comes with the program, such as `pipelines/quickstart.yaml`, seen from the current folder; as a word. */
export function shippedFile(path: string): string {
  const program = process.argv[1] ?? '';
  const real = program.endsWith('.js') ? program : builtin<typeof Files>('node:fs').realpathSync(program);
  return shellWord(seenFromHere(rootOf(real), path));
}

// ---------------------------------------------------------------------------

// `help` calls this too, and loading these takes milliseconds
const builtin = <Module>(name: string): Module => process.getBuiltinModule(name) as Module;

/** The name alone, if the folder is on the PATH. */
function onPath(program: string): string | null {
  const slash = program.lastIndexOf('/');
  return (process.env['PATH'] ?? '').split(':').includes(program.slice(0, slash)) ? program.slice(slash + 1) : null;
}

/** The folder of the project in whose `dist/` a program is. */
function rootOf(program: string): string {
  const end = program.lastIndexOf('/dist/');
  return end < 0 ? process.cwd() : program.slice(0, end);
}

function seenFromHere(root: string, path: string): string {
  if (root === process.cwd()) return path;
  const { join, relative } = builtin<typeof Path>('node:path');
  const near = relative(process.cwd(), join(root, path));
  return near.length < root.length ? near : join(root, path);
}

/** `npx PACKAGE`. npx keeps the package's name, or the path of its file, beside what it has installed. */
function npxCommand(program: string): string {
  const { join, relative, resolve } = builtin<typeof Path>('node:path');
  const [, dir = ''] = /^(.*\/_npx\/[^/]+)\//.exec(program) ?? [];
  try {
    const { readFileSync } = builtin<typeof Files>('node:fs');
    const { dependencies } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const [[name, from] = ['', '']] = Object.entries(dependencies);
    const file = from.startsWith('file:') ? relative(process.cwd(), resolve(dir, from.slice(5))) : null;
    return `npx ${shellWord(file === null ? name : file.startsWith('.') ? file : `./${file}`)}`;
  } catch {
    return 'npx chat-runner';
  }
}
