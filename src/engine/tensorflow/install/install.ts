import { calledAs } from '../../../files/called-as.ts';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { expandHome } from '../../../files/expand-home.ts';
import { cacheDir } from '../../cache-dir.ts';
import { contentMark } from './content-mark.ts';
import { linuxArmBuild, macBuild } from './arm-builds.ts';
import { gpuBuild } from './gpu-build.ts';
import { pipDownload, wheelUrl } from './pip-wheel.ts';
import { cpuBuild, filesOf, type PinnedBuild, type PinnedWheel, sizeOf } from './pinned-build.ts';
import { checkSha256, ChecksumError, resumableFetch } from './resumable-fetch.ts';
import { buildOn, type Device, libraryNamesOn, type System } from './system.ts';
import { unpackWheels } from './unpack-wheel.ts';
import { withLock } from '../../../process/lock.ts';

/** Bytes done, total bytes (both 0 if there is nothing to count), and a description of the phase for the user. */
export type InstallProgress = (done: number, total: number, phase: string) => void;

export interface FoundTensorFlow {
  dir: string;
  /** the part that goes into stage keys: the build, not the folder */
  identity: string;
}

/**
 * The libraries' folder: `RUNNER_TENSORFLOW`, otherwise the device's build in the cache folder. Null if that is not
 * installed.
 */
export function findTensorFlow(device: Device = 'cpu', system: System = process): FoundTensorFlow | null {
  const chosen = process.env['RUNNER_TENSORFLOW'];
  if (chosen) return chosenTensorFlow(resolve(expandHome(chosen)), system);
  const build = buildFor(device, system);
  const dir = installedDir(build);
  return isComplete(dir, build) ? { dir: join(dir, build.librariesIn), identity: build.identity } : null;
}

/** The error message for a library that is not installed. */
export function notInstalled(device: Device): string {
  switch (device) {
    case 'cpu':
      return `TensorFlow's library is not installed: run \`${calledAs()} setup\`, or use engine: tfjs`;
    case 'gpu':
      return `TensorFlow's build for GPUs is not installed: run \`${calledAs()} setup --gpu\`, or set RUNNER_DEVICE=cpu`;
  }
}

/** The identity that `findTensorFlow` gives once `installTensorFlow` has run. */
export function installableIdentity(device: Device = 'cpu', system: System = process): string {
  return buildFor(device, system).identity;
}

/** The sizes of the download and of the installed files, in bytes. */
export function installSize(device: Device): { wheelBytes: number; unpackedBytes: number } {
  return sizeOf(buildFor(device));
}

/**
 * Installs TensorFlow unless `findTensorFlow` finds it, and returns its folder. Downloads the pinned wheels with pip's
 * help and unpacks the files we need into a cache folder that all checkouts share. Can be interrupted and restarted at
 * any point; a second process waits for the first. Errors say what the user can do.
 */
export async function installTensorFlow(progress: InstallProgress, device: Device = 'cpu'): Promise<string> {
  const found = findTensorFlow(device);
  if (found) return found.dir;
  const cache = cacheDir();
  await mkdir(cache, { recursive: true });
  const installed = async (): Promise<string> => {
    const build = buildFor(device);
    const dir = installedDir(build);
    if (!isComplete(dir, build)) await install(build, { cache, dir, progress });
    return join(dir, build.librariesIn);
  };
  return withLock(join(cache, 'install.flags'), installed, {
    onWait: () => progress(0, 0, 'waiting for another process that is installing TensorFlow'),
  });
}

/** Where nothing can be installed, the build for Linux: its identity is in keys of stages that ran with an own library. */
function buildFor(device: Device, system: System = process): PinnedBuild {
  return buildOn(system, device) ?? (device === 'gpu' ? gpuBuild : cpuBuild);
}

function chosenTensorFlow(dir: string, system: System): FoundTensorFlow {
  const paths = libraryNamesOn(system).map((name) => join(dir, name));
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(
      `RUNNER_TENSORFLOW is ${dir}, but ${missing.map((path) => basename(path)).join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not in it. ` +
        'Set it to a folder with both libraries of a TensorFlow wheel, or unset it to have them installed',
    );
  }
  const mark = contentMark(paths);
  return {
    dir,
    identity: builds.find(({ contentMark }) => contentMark === mark)?.identity ?? `tensorflow ${mark}`,
  };
}

async function install(
  build: PinnedBuild,
  { cache, dir, progress }: { cache: string; dir: string; progress: InstallProgress },
): Promise<void> {
  const partialPath = ({ fileName }: PinnedWheel): string => join(cache, `${fileName}.partial`);
  const wheelPaths = build.wheels.map(partialPath);
  await clearLeftovers(cache);
  await checkSpace(build, cache, wheelPaths);
  // Never use a folder twice: a child of a killed installation may still be writing to the old one.
  const workDir = join(cache, `${workPrefix}${process.pid}-${Date.now()}`);
  await mkdir(workDir);
  try {
    for (const wheel of build.wheels) await fetchWheel(wheel, { workDir, path: partialPath(wheel), progress });
    await unpackWheels(build, wheelPaths, {
      workDir,
      targetDir: dir,
      progress: (done, total) => progress(done, total, 'unpacking TensorFlow'),
    });
    for (const path of wheelPaths) await rm(path, { force: true });
  } catch (error) {
    throw withSpaceHint(error, cache);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function fetchWheel(
  wheel: PinnedWheel,
  { workDir, path, progress }: { workDir: string; path: string; progress: InstallProgress },
): Promise<void> {
  const name = titleOf(wheel);
  progress(0, 0, `asking pip for ${name}`);
  const url = await wheelUrl(wheel, workDir);
  let progressCalls = 0;
  const count = (done: number, total: number): void => {
    progressCalls += 1;
    progress(done, total, `downloading ${name}`);
  };
  try {
    if (url !== null) return await resumableFetch({ url, path, sha256: wheel.sha256, progress: count });
  } catch (error) {
    if (error instanceof ChecksumError || isOutOfSpace(error)) throw error;
    if (progressCalls > 1)
      throw new Error(
        `the download of ${name} was interrupted (${(error as Error).message}); run the command again to resume it`,
        { cause: error },
      );
  }
  // The direct download failed at once: perhaps only pip is configured for a proxy or credentials.
  progress(0, 0, `downloading ${name} with pip`);
  await pipDownload(wheel, workDir, path);
  await checkSha256(path, wheel.sha256);
}

function titleOf({ requirement }: PinnedWheel): string {
  const [name] = requirement.split('==') as [string];
  return name.startsWith('tensorflow') ? 'TensorFlow' : name;
}

async function checkSpace(build: PinnedBuild, cache: string, partialPaths: string[]): Promise<void> {
  const { bavail, bsize } = await statfs(cache);
  const downloaded = partialPaths.reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const { wheelBytes, unpackedBytes } = sizeOf(build);
  const needed = wheelBytes + unpackedBytes - downloaded;
  if (bavail * bsize < needed)
    throw new Error(
      spaceMessage(
        cache,
        `${Math.floor((bavail * bsize) / 1e6)} MB are free, ${Math.ceil(needed / 1e6)} MB are needed`,
      ),
    );
}

function withSpaceHint(error: unknown, cache: string): unknown {
  return isOutOfSpace(error) ? new Error(spaceMessage(cache, 'it is full'), { cause: error }) : error;
}

function spaceMessage(cache: string, what: string): string {
  return `not enough space for TensorFlow's library in ${cache}: ${what}. Free some space, or set XDG_CACHE_HOME to a folder on a larger disk`;
}

function isOutOfSpace(error: unknown): boolean {
  return (
    error instanceof Error &&
    ((error as NodeJS.ErrnoException).code === 'ENOSPC' || /No space left on device/.test(error.message))
  );
}

/** The caller must hold the lock. */
async function clearLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(workPrefix)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isComplete(dir: string, build: PinnedBuild): boolean {
  return filesOf(build).every(([path, bytes]) => statSync(join(dir, path), { throwIfNoEntry: false })?.size === bytes);
}

function installedDir({ identity }: PinnedBuild): string {
  return join(cacheDir(), identity.replaceAll(' ', '-'));
}

const builds = [cpuBuild, gpuBuild, linuxArmBuild, macBuild];
const workPrefix = 'installing-';
