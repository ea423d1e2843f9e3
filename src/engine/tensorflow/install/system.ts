import { release } from 'node:os';
import { linuxArmBuild, macBuild } from './arm-builds.ts';
import { glibcVersion } from './glibc-version.ts';
import { gpuBuild } from './gpu-build.ts';
import { cpuBuild, type PinnedBuild } from './pinned-build.ts';

/** There is a build of TensorFlow for each device. */
export type Device = 'cpu' | 'gpu';

/** An operating system and a processor, as Node.js names them: `linux` and `x64`, `darwin` and `arm64`. */
export interface System {
  platform: NodeJS.Platform;
  arch: string;
}

/** TensorFlow's build for a system. Null if we know of none, as for Macs with Intel processors. */
export function buildOn({ platform, arch }: System, device: Device): PinnedBuild | null {
  const builds: Partial<Record<string, PinnedBuild>> =
    device === 'gpu'
      ? { 'linux-x64': gpuBuild }
      : { 'linux-x64': cpuBuild, 'linux-arm64': linuxArmBuild, 'darwin-arm64': macBuild };
  return builds[`${platform}-${arch}`] ?? null;
}

/** The file names of TensorFlow's two libraries, in the order in which they must be loaded. */
export function libraryNamesOn({ platform }: Pick<System, 'platform'>): readonly [framework: string, cc: string] {
  return platform === 'darwin'
    ? ['libtensorflow_framework.2.dylib', 'libtensorflow_cc.2.dylib']
    : ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2'];
}

/** What a build needs of a system, besides platform and processor. */
export interface SystemVersions {
  /** the kernel's version, such as `23.5.0` on macOS 14 */
  kernel: string;
  /** null without glibc */
  glibc: string | null;
}

export async function systemVersions(): Promise<SystemVersions> {
  return { kernel: release(), glibc: process.platform === 'linux' ? await glibcVersion() : null };
}

/** Why TensorFlow cannot be installed on a system, and what to do about it. Null if it can be. */
export function whyNotInstallable(system: System, device: Device, versions: SystemVersions): string | null {
  const { platform, arch } = system;
  if (device === 'gpu' && buildOn(system, 'gpu') === null)
    return `TensorFlow's build for GPUs exists only for Linux on x86-64 (on Windows, inside WSL), not for ${platform} ${arch}: set RUNNER_DEVICE=cpu`;
  if (platform === 'darwin') return whyNotOnMac(arch, versions);
  const hasBuild = buildOn(system, device) !== null;
  if (hasBuild && isAtLeast(versions.glibc ?? '0', [2, 27])) return null;
  const cLibrary = versions.glibc === null ? 'a C library other than glibc' : `glibc ${versions.glibc}`;
  return (
    `there is no TensorFlow library to install for ${platform} ${arch}${platform === 'linux' ? ` with ${cLibrary}` : ''} ` +
    '(only for Linux on x86-64 and arm64 with glibc 2.27 or newer, and for Macs with Apple silicon). ' +
    `Set RUNNER_TENSORFLOW to a folder with ${libraryNamesOn(system).toReversed().join(' and ')}, or use engine: tfjs`
  );
}

// ---------------------------------------------------------------------------

function whyNotOnMac(arch: string, { kernel }: SystemVersions): string | null {
  if (arch !== 'arm64')
    return (
      'there has been no TensorFlow for Macs with Intel processors since 2.16, so stages that train, sample or evaluate cannot use it here. ' +
      'Use Docker on this Mac (the README says how), a Linux machine or a Mac with Apple silicon, or engine: tfjs (slow; for tiny models). ' +
      'If this Mac has Apple silicon, install Node.js for arm64: the one that runs now is for Intel'
    );
  // Version 21 of the kernel is macOS 12, for which the wheel was built.
  return isAtLeast(kernel, [21, 0])
    ? null
    : 'TensorFlow 2.21 needs macOS 12 or newer: update macOS, or use Docker (the README says how) or engine: tfjs (slow)';
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
