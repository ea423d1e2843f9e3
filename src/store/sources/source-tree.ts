import { lstatSync, readdirSync, readlinkSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';

export interface FoundFile {
  path: string;
  stats: BigIntStats;
  /** where it leads, if it counts as a link and is not followed */
  link?: string;
}

/**
 * Every file in a folder of the user and its subfolders, in no particular order. Links are followed; one that leads
 * nowhere, or to a folder around it, counts as a link: its target is part of the digest. Throws at a name that is not
 * UTF-8.
 */
export function filesAndLinks(root: string): FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (below: string, above: string[]): void => {
    for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      const stats = targetOf(join(root, path));
      if (stats && !stats.isDirectory()) found.push({ path, stats });
      else if (stats && !above.includes(identity(stats))) visit(path, [...above, identity(stats)]);
      else found.push(linkAt(root, path));
    }
  };
  visit('', [identity(statSync(root, { bigint: true }))]);
  return found;
}

function targetOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
}

function linkAt(root: string, path: string): FoundFile {
  const stats = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
  if (!stats) throw new Error(`${join(root, path)} has a name that is not UTF-8: rename it`);
  return { path, stats, link: readlinkSync(join(root, path)) };
}

const identity = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;
