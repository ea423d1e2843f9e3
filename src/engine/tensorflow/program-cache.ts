import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { readJson } from '../../files/read-file.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { sha256Of, sha256OfFile } from '../../files/sha256.ts';
import { pidExists } from '../../process/process-mark.ts';

/**
 * Keeps programs that XLA compiled on disk, for other processes that compile the same. TensorFlow itself reads and
 * writes them, in one folder, and fails on a damaged file. So each process gets its own folder, with links to the files
 * whose content still matches the hash in their names. Concurrent processes cannot disturb one another, nor can one
 * that is killed.
 */
export interface ProgramCache {
  /** Checks the programs of earlier processes and makes them usable. To be called before the first one is compiled. */
  fill(): void;
  /** Saves what TensorFlow has compiled since the last call. */
  keep(): void;
}

let opened: ProgramCache | undefined;

/**
 * To be called before TensorFlow is loaded; opens the cache once in a process. `environment` is what a compiled program
 * depends on besides its graph. Nothing is cached if the cache folder is not writable, if the user sets XLA's cache
 * flags, or if `RUNNER_PROGRAM_CACHE` is `off`.
 */
export function openProgramCache(environment: Record<string, string>): ProgramCache {
  opened ??= hasOwnFlags() || process.env['RUNNER_PROGRAM_CACHE'] === 'off' ? noCache : openedCache(environment);
  return opened;
}

/** The user's own `TF_XLA_FLAGS`, without the flag that the cache adds. */
export function ownXlaFlags(): string {
  return (process.env['TF_XLA_FLAGS'] ?? '').replace(/--tf_xla_persistent_cache_directory=\S*\/in-use-\S+/, '').trim();
}

function hasOwnFlags(): boolean {
  return (process.env['TF_XLA_FLAGS'] ?? '').includes('persistent_cache');
}

const noCache: ProgramCache = { fill: () => {}, keep: () => {} };

function openedCache(environment: Record<string, string>): ProgramCache {
  const environmentHash = sha256Of(JSON.stringify(environment)).slice(0, 16);
  const sharedDir = join(cacheDir(), 'compiled-programs', environmentHash);
  const ownDir = join(sharedDir, `in-use-${process.pid}-${Date.now()}`);
  try {
    mkdirSync(ownDir, { recursive: true });
    sweep(sharedDir);
  } catch {
    return noCache;
  }
  process.env['TF_XLA_FLAGS'] =
    `${process.env['TF_XLA_FLAGS'] ?? ''} --tf_xla_persistent_cache_directory=${ownDir}`.trim();
  process.on('exit', () => rmSync(ownDir, { recursive: true, force: true }));
  const known = new Set<string>();
  let filled = false;
  return {
    fill() {
      if (filled) return;
      filled = true;
      try {
        linkIntactPrograms(sharedDir, ownDir);
        for (const name of readdirSync(ownDir)) known.add(name);
      } catch {
        // Another process has removed the folder. At worst, this one compiles again.
      }
    },
    keep() {
      try {
        for (const name of readdirSync(ownDir)) {
          if (known.has(name) || !name.endsWith('.pb')) continue;
          known.add(name);
          linkSync(join(ownDir, name), join(sharedDir, `${name}${HASH_MARK}${hashOf(join(ownDir, name))}`));
        }
      } catch {
        // The disk is full or another process was faster. At worst, the next process compiles again.
      }
    },
  };
}

const HASH_MARK = '~';
/** What has been hashed before, by name: see `stampOf`. Only saves time. */
const KNOWN_INTACT = 'known-intact.json';
/** New or changed files are hashed at the start, half a gigabyte in a second. */
const maxBytes = 128 * 2 ** 20;

/** Removes folders left behind by dead processes, and the oldest programs beyond `maxBytes`. */
function sweep(sharedDir: string): void {
  const names = readdirSync(sharedDir);
  for (const name of names) {
    const pid = /^in-use-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !pidExists(Number(pid))) rmSync(join(sharedDir, name), { recursive: true, force: true });
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

function linkIntactPrograms(sharedDir: string, ownDir: string): void {
  const known = readJson<Record<string, string>>(join(sharedDir, KNOWN_INTACT)) ?? {};
  const intact: Record<string, string> = {};
  for (const file of readdirSync(sharedDir)) {
    const [name, hash] = file.split(HASH_MARK);
    if (hash === undefined) continue;
    const path = join(sharedDir, file);
    try {
      const stamp = stampOf(path);
      if (known[file] !== stamp && hashOf(path) !== hash) {
        rmSync(path, { force: true });
        continue;
      }
      intact[file] = stamp;
      linkSync(path, join(ownDir, name!));
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  if (JSON.stringify(intact) !== JSON.stringify(known))
    replaceFile(join(sharedDir, KNOWN_INTACT), JSON.stringify(intact));
}

/** Changes when the content does. The time of a change of status is left out, because each new link is one. */
function stampOf(path: string): string {
  const { mtimeNs, size, ino } = statSync(path, { bigint: true });
  return `${mtimeNs}/${size}/${ino}`;
}

function hashOf(path: string): string {
  return sha256OfFile(path).slice(0, 32);
}
