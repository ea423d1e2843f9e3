/**
 * Finds everything that an attempt has started. A process group is not enough: `setsid`, `nohup` and daemons leave it.
 * Two things pass from a process to all that it starts, so each attempt leaves a mark in both:
 *
 * - a variable of the environment. `env -i`, `sudo` and programs that rewrite their title lose it.
 * - the limit of file locks (RLIMIT_LOCKS), which Linux has not used since 2.4, but still inherits and shows to everyone
 *   in /proc. Setting it takes `prlimit` of util-linux; without that program, the variable is all there is.
 *
 * On macOS there is only the variable, and macOS does not show that of its own programs, such as /bin/sh: what they
 * start is found, they themselves are not.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, readSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { printedBy } from './printed-by.ts';

/** 13 hex digits: as a limit, a number that JavaScript holds exactly. */
export type Mark = string;

export const newMark = (): Mark => randomBytes(7).toString('hex').slice(1);

export interface Descendant {
  pid: number;
  group: number;
}

/** A program and its arguments, so that it runs with the mark as its limit. */
export function withMarkedLimit(argv: string[], mark: Mark): string[] {
  const prlimit = PRLIMIT.find(mayRun);
  return prlimit === undefined ? argv : [prlimit, `--locks=${limitOf(mark)}:`, '--', ...argv];
}

/** Keeps the marks of a runner around this one, so that it finds our processes too. */
export const withMarkedVariable = (env: Record<string, string>, mark: Mark): Record<string, string> => ({
  ...env,
  [VARIABLE]: [process.env[VARIABLE], mark].filter(Boolean).join(' '),
});

/** The live processes with one of the marks, without our own. Empty where there is neither /proc nor macOS's `ps`. */
export function descendantsOf(marks: readonly Mark[], abovePid = 0): Descendant[] {
  if (marks.length === 0) return [];
  if (process.platform === 'darwin')
    return markedInPs(printedBy('/bin/ps', PS_WITH_VARIABLES), marks).filter(({ pid }) => pid !== process.pid);
  const limits = new Set(marks.map(limitOf));
  return namesIn('/proc').flatMap((name) => {
    const pid = Number(name);
    if (pid <= abovePid || pid === process.pid || !hasMark(name, marks, limits)) return [];
    const group = groupOf(name);
    return group === null ? [] : [{ pid, group }];
  });
}

/**
 * `text` is what `ps` prints of all processes: on each line the pid, the process group, the state, the arguments and
 * the environment.
 */
export function markedInPs(text: string, marks: readonly Mark[]): Descendant[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, group, state, rest] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s(.*)$/.exec(line) ?? [];
    const values = rest?.match(MARKED) ?? [];
    const isMarked = values.some((value) => marks.some((mark) => value.includes(mark)));
    return isMarked && !state!.startsWith('Z') ? [{ pid: Number(pid), group: Number(group) }] : [];
  });
}

/**
 * A pid below all that our own process has started; 0 if that is not certain. Pids grow, until they begin again at the
 * largest one, 32,768 on some machines. So this holds only for a process that is seconds old. It spares a short program
 * a look at everything that runs on the machine.
 */
export function pidBelowDescendants(): number {
  const newest = Number(textOf('/proc/loadavg').trim().split(' ').at(-1));
  return process.uptime() < 5 && newest > process.pid ? process.pid : 0;
}

/** Sends SIGKILL to the processes with one of the marks, and to those that they start meanwhile. Does not wait. */
export function killDescendants(marks: readonly Mark[]): void {
  const killed = new Set<number>();
  for (;;) {
    const found = descendantsOf(marks).filter(({ pid }) => !killed.has(pid));
    if (found.length === 0) return;
    for (const { pid } of found) signalProcess(pid, 'SIGKILL');
    for (const { pid } of found) killed.add(pid);
  }
}

/** Kills the processes with one of the marks and waits until they are gone. Throws if one does not end. */
export async function endDescendants(marks: readonly Mark[]): Promise<void> {
  for (let waited = 0; ; waited += POLL_MS) {
    const left = descendantsOf(marks);
    if (left.length === 0) return;
    if (waited >= PATIENCE_MS) throw new DescendantLeft(left.map(({ pid }) => pid));
    for (const { pid } of left) signalProcess(pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

/** It belongs to another user, or its disk does not respond. */
export class DescendantLeft extends Error {
  override name = 'DescendantLeft';
  readonly hint: string;
  constructor(pids: number[]) {
    const [process_, are] = pids.length === 1 ? ['process', 'is'] : ['processes', 'are'];
    super(`${process_} ${pids.join(', ')}, started by this stage, ${are} still running and cannot be ended`);
    this.hint = `end it yourself, perhaps as another user: kill -9 ${pids.join(' ')}`;
  }
}

/** Returns false if the process has ended, or belongs to another user. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

// ---------------------------------------------------------------------------

const VARIABLE = 'RUNNER_ATTEMPT';
const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit', '/run/current-system/sw/bin/prlimit'];
/** The variable, and its value: marks with a space between them. */
const MARKED = new RegExp(`(?<=^|\\s)${VARIABLE}=[0-9a-f ]+`, 'g');
/** `-A` all processes, `-ww` however long the line is, `-E` with the environment. */
const PS_WITH_VARIABLES = ['-A', '-ww', '-E', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'command='];
const POLL_MS = 20;
const PATIENCE_MS = 10_000;

const limitOf = (mark: Mark): string => String(Number.parseInt(mark, 16));

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasMark(pid: string, marks: readonly Mark[], limits: ReadonlySet<string>): boolean {
  const limit = /^Max file locks\s+(\d+)/m.exec(textOf(`/proc/${pid}/limits`))?.[1];
  if (limit !== undefined && limits.has(limit)) return true;
  const environment = textOf(`/proc/${pid}/environ`);
  const at = `\0${environment}`.indexOf(`\0${VARIABLE}=`);
  if (at < 0) return false;
  const value = environment.slice(at).split('\0', 1)[0]!;
  return marks.some((mark) => value.includes(mark));
}

/** The process group; null if the process has ended. A zombie has ended: it only waits for its parent. */
function groupOf(pid: string): number | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // skip the program's name, which may contain spaces
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === '' || 'ZXx'.includes(state) ? null : Number(group);
}

/** The text that a scan reads from one file of /proc at a time. */
const text = Buffer.alloc(1 << 20);

/** '' if the process has ended or belongs to another user. Reads three times as fast as readFileSync. */
function textOf(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    let length = 0;
    for (let more = 1; more > 0 && length < text.length; length += more)
      more = readSync(file, text, length, text.length - length, null);
    return text.toString('latin1', 0, length);
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
