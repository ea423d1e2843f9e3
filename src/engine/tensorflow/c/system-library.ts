import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LibraryHandle } from 'koffi';

/** What differs between the C libraries of Linux and macOS. */
export interface SystemLibrary {
  path: string;
  /** for `dlopen`, whose flags have other values on each system */
  flags: { now: number; global: number; noDelete: number };
}

export function systemLibraryOn(platform: NodeJS.Platform): SystemLibrary {
  return platform === 'darwin'
    ? { path: '/usr/lib/libSystem.B.dylib', flags: { now: 0x2, global: 0x8, noDelete: 0x80 } }
    : { path: 'libc.so.6', flags: { now: 0x2, global: 0x100, noDelete: 0x1000 } };
}

/**
 * Returns a function that asks for huge pages for memory that has not been touched yet; long arrays are then read a
 * third faster. Only Linux can be asked.
 */
export function hugePages(libc: LibraryHandle, platform: NodeJS.Platform): (start: bigint, byteLength: number) => void {
  if (platform !== 'linux') return () => {};
  const madvise = libc.func('int madvise(void*, size_t, int)') as (
    start: bigint,
    length: bigint,
    advice: number,
  ) => number;
  return (start, byteLength) => {
    const first = (start + HUGE_PAGE - 1n) & -HUGE_PAGE;
    const end = (start + BigInt(byteLength)) & -HUGE_PAGE;
    // Only a hint: a kernel without huge pages refuses, and that does no harm.
    if (end > first) madvise(first, end - first, MADV_HUGEPAGE);
  };
}

const HUGE_PAGE = 2n ** 21n;
const MADV_HUGEPAGE = 14;

/** Opens a file without a name, in memory where the system can do that. Returns its descriptor, or -1. */
export function openUnnamed(libc: LibraryHandle, platform: NodeJS.Platform): number {
  if (platform === 'linux') {
    const memfd_create = libc.func('int memfd_create(const char*, unsigned int)') as (
      name: string,
      flags: number,
    ) => number;
    return memfd_create('tensorflow-load', 0);
  }
  try {
    const dir = mkdtempSync(join(tmpdir(), 'tensorflow-load-'));
    const file = openSync(join(dir, 'messages'), 'w+');
    rmSync(dir, { recursive: true });
    return file;
  } catch {
    return -1;
  }
}
