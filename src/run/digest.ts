import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../pipeline/key.ts';

/** One file of a sealed folder. */
export interface ManifestLine {
  /** relative, with `/` */
  path: string;
  bytes: number;
  sha256: string;
}

/** Every file below a folder, or those named, sorted by path, with its size and hash. Symbolic links are followed. */
export async function manifestOf(dir: string, files = filesBelow(dir, '')): Promise<ManifestLine[]> {
  const lines: ManifestLine[] = [];
  for (const path of [...files].sort()) lines.push({ path, bytes: statSync(join(dir, path)).size, sha256: await hashFile(join(dir, path)) });
  return lines;
}

/** A folder's digest: of the names and contents of its files, not of their times, modes or place. */
export function digestOf(manifest: ManifestLine[]): Digest {
  const hash = createHash('sha256').update('folder/1\n');
  for (const { path, bytes, sha256 } of manifest) hash.update(`${sha256} ${bytes} ${JSON.stringify(path)}\n`);
  return hash.digest('hex') as Digest;
}

/** The digest of what a user's path leads to: a file's content, or a folder's names and contents, of all its files or of those that are read. */
export async function digestSource(path: string, files?: string[]): Promise<Digest> {
  if (statSync(path).isDirectory()) return digestOf(await manifestOf(path, files));
  return (await hashFile(path)) as Digest;
}

// ---------------------------------------------------------------------------

function filesBelow(root: string, below: string): string[] {
  const names = readdirSync(join(root, below)).sort();
  return names.flatMap((name) => {
    const path = below ? `${below}/${name}` : name;
    return statSync(join(root, path)).isDirectory() ? filesBelow(root, path) : [path];
  });
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
