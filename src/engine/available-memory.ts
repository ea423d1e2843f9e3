import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printedBy } from '../process/printed-by.ts';

/**
 * Bytes that this process can still allocate: the system's available memory, or less if a control group (such as a
 * container's) has a lower limit. Null if unknown.
 */
export function availableMemory(root = '/'): number | null {
  if (process.platform === 'darwin') return memoryInVmStat(printedBy('/usr/bin/vm_stat', []));
  const system = /^MemAvailable:\s+(\d+) kB/m.exec(fileText(join(root, 'proc/meminfo')))?.[1];
  const limits = [...(system === undefined ? [] : [1024 * Number(system)]), ...groupLimits(root)];
  return limits.length === 0 ? null : Math.min(...limits);
}

/**
 * `text` is what `vm_stat` prints on macOS: the size of a page, and how many pages there are of each sort. Inactive
 * pages count, because the system gives them up before it refuses memory; speculative ones are free pages that it has
 * filled with what may be read next, and does not list as free.
 */
export function memoryInVmStat(text: string): number | null {
  const pageBytes = /page size of (\d+) bytes/.exec(text)?.[1];
  const pages = ['free', 'inactive', 'speculative'].map(
    (sort) => new RegExp(`^Pages ${sort}:\\s+(\\d+)\\.`, 'm').exec(text)?.[1],
  );
  if (pageBytes === undefined || pages[0] === undefined) return null;
  return Number(pageBytes) * pages.reduce((sum, count) => sum + Number(count ?? 0), 0);
}

/**
 * The remaining bytes in the process's control group and in each of its parents. Version 2 has one hierarchy, version 1
 * a separate one for memory.
 */
function groupLimits(root: string): number[] {
  const limits: number[] = [];
  for (const line of fileText(join(root, 'proc/self/cgroup')).split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || (controllers !== '' && !controllers!.split(',').includes('memory'))) continue;
    const isV2 = controllers === '';
    const base = join(root, 'sys/fs/cgroup', isV2 ? '' : 'memory');
    for (let group = path; ; group = dirname(group)) {
      const remaining = remainingBytes(join(base, group), isV2);
      if (remaining !== null) limits.push(remaining);
      if (group === '/' || group === '.') break;
    }
  }
  return limits;
}

/** Null if there is no limit. Cached files count as used, but the kernel drops them when memory is needed. */
function remainingBytes(dir: string, isV2: boolean): number | null {
  const limit = Number(fileText(join(dir, isV2 ? 'memory.max' : 'memory.limit_in_bytes')) || NaN);
  const used = Number(fileText(join(dir, isV2 ? 'memory.current' : 'memory.usage_in_bytes')) || NaN);
  if (!Number.isFinite(limit) || !Number.isFinite(used) || limit > 2 ** 60) return null;
  const files = /^(?:total_)?inactive_file (\d+)/m.exec(fileText(join(dir, 'memory.stat')))?.[1] ?? '0';
  return Math.max(0, limit - used + Number(files));
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
