import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './install/cache-dir.ts';

/**
 * Programs that XLA compiled, kept on disk for the next process that compiles the same. TensorFlow reads and writes
 * them itself, in one folder, and fails on a damaged one; so each process gets a folder of its own with links to those
 * files whose contents still have the hash in their names. Processes side by side, and one killed in the middle, cannot
 * harm one another.
 */
export interface ProgramCache {
  /** Keeps what TensorFlow has compiled since the last call. */
  keep(): void;
}

let opened: ProgramCache | undefined;

/**
 * Once in a process, before TensorFlow is loaded. `environment` is all that a compiled program depends on besides its
 * graph. Where the cache folder cannot be written, or the user has flags of his own, or `RUNNER_PROGRAM_CACHE` is
 * `off`, nothing is kept.
 */
export function openProgramCache(environment: Record<string, string>): ProgramCache {
  opened ??= hasOwnFlags() || process.env['RUNNER_PROGRAM_CACHE'] === 'off' ? noCache : openedCache(environment);
  return opened;
}

/** The user's own `TF_XLA_FLAGS`, without what the cache adds. */
export function ownXlaFlags(): string {
  return (process.env['TF_XLA_FLAGS'] ?? '').replace(/--tf_xla_persistent_cache_directory=\S*\/in-use-\S+/, '').trim();
}

function hasOwnFlags(): boolean {
  return (process.env['TF_XLA_FLAGS'] ?? '').includes('persistent_cache');
}

const noCache: ProgramCache = { keep: () => {} };

function openedCache(environment: Record<string, string>): ProgramCache {
  const mark = createHash('sha256').update(JSON.stringify(environment)).digest('hex').slice(0, 16);
  const sharedDir = join(cacheDir(), 'compiled-programs', mark);
  const ownDir = join(sharedDir, `in-use-${process.pid}-${Date.now()}`);
  try {
    mkdirSync(ownDir, { recursive: true });
    clear(sharedDir);
    linkWhole(sharedDir, ownDir);
  } catch {
    return noCache;
  }
  process.env['TF_XLA_FLAGS'] =
    `${process.env['TF_XLA_FLAGS'] ?? ''} --tf_xla_persistent_cache_directory=${ownDir}`.trim();
  process.on('exit', () => rmSync(ownDir, { recursive: true, force: true }));
  const known = new Set(readdirSync(ownDir));
  return {
    keep() {
      try {
        for (const name of readdirSync(ownDir)) {
          if (known.has(name) || !name.endsWith('.pb')) continue;
          known.add(name);
          linkSync(join(ownDir, name), join(sharedDir, `${name}${HASH_MARK}${hashOf(join(ownDir, name))}`));
        }
      } catch {
        // Full disk, or another process was faster: the next one compiles again.
      }
    },
  };
}

const HASH_MARK = '~';
/** All are hashed at every start: a quarter of a second. */
const maxBytes = 128 * 2 ** 20;

/** The folders of processes that ended without clearing up, and the oldest programs beyond `maxBytes`. */
function clear(sharedDir: string): void {
  const names = readdirSync(sharedDir);
  for (const name of names) {
    const pid = /^in-use-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(sharedDir, name), { recursive: true, force: true });
  }
  const programs = names
    .filter((name) => name.includes(HASH_MARK))
    .map((name) => ({ path: join(sharedDir, name), stat: statSync(join(sharedDir, name), { throwIfNoEntry: false }) }));
  let bytes = 0;
  for (const { path, stat } of programs.sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))) {
    bytes += stat?.size ?? 0;
    if (bytes > maxBytes) rmSync(path, { force: true });
  }
}

function linkWhole(sharedDir: string, ownDir: string): void {
  for (const file of readdirSync(sharedDir)) {
    const [name, hash] = file.split(HASH_MARK);
    if (hash === undefined) continue;
    const path = join(sharedDir, file);
    try {
      if (hashOf(path) === hash) linkSync(path, join(ownDir, name!));
      else rmSync(path, { force: true });
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 32);
}

/** A process of another user is alive too (EPERM). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
