import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A lock that dies with its owner: an empty file whose name says which process holds it (pid, start time, boot).
 * Taking it is flag-then-check: raise our flag, look at the others, and lower ours again if a living one is there. At most
 * one of any number of contenders finds no other living flag, so nothing ever needs an `unlock`.
 */
export async function acquireLock(dir: string, onWait: (pid: number) => void, signal?: AbortSignal): Promise<() => void> {
  let told = false;
  for (;;) {
    const lower = raiseFlag(dir);
    const other = livingFlags(dir).find((flag) => flag.pid !== process.pid);
    if (!other) return lower;
    lower();
    if (!told) onWait(other.pid);
    told = true;
    await sleep(150 + randomInt(200), undefined, { signal });
  }
}

/** Holds a place beside the owner, without waiting: a stage process does so, to outlive its runner. */
export function raiseFlag(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, flagName(process.pid));
  writeFileSync(path, '');
  return () => rmSync(path, { force: true });
}

// ---------------------------------------------------------------------------

interface Flag {
  pid: number;
  name: string;
}

function livingFlags(dir: string): Flag[] {
  const flags = readdirSync(dir).flatMap((name): Flag[] => {
    const pid = /^flag-(\d+)-/.exec(name)?.[1];
    return pid ? [{ pid: Number(pid), name }] : [];
  });
  for (const flag of flags) if (!isLiving(flag)) rmSync(join(dir, flag.name), { force: true });
  return flags.filter(isLiving);
}

/** The pid alone is not enough: it may be another process by now, or the machine may have started anew. */
const isLiving = ({ pid, name }: Flag): boolean => startTime(pid) !== null && flagName(pid) === name;

const flagName = (pid: number): string => `flag-${pid}-${startTime(pid) ?? 0}-${bootId()}`;

/** Clock ticks after boot at which a process started, or null if there is none (or only a zombie). */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '0');
  } catch {
    return withoutProc(pid);
  }
}

function withoutProc(pid: number): string | null {
  if (process.platform === 'linux') return null;
  try {
    process.kill(pid, 0);
    return '0';
  } catch {
    return null;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return 'noboot';
  }
}
