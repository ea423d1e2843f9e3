import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../files/file-writer.ts';
import type { ExportLayout } from '../../artifacts/tokens/export-layout.ts';
import { belongsToExport, exportedBytes, exportedFiles } from '../../artifacts/tokens/export.ts';
import type { ExportedFile } from '../../artifacts/tokens/export.ts';
import type { TokensIndex } from '../../artifacts/tokens/index.ts';
import { UsageError } from '../verb.ts';
import { nearPath } from '../screen/shown-values.ts';

export interface Export {
  tokensDir: string;
  index: TokensIndex;
  /** the folder to write to; created if missing */
  dir: string;
  layout: ExportLayout;
  /** what llm.c's file names begin with */
  name: string;
  onBytes(done: number, total: number): void;
}

/** A file of the export in the folder; `same`: it existed already, with these bytes. */
export type Written = ExportedFile & { sha256: string; outcome: 'written' | 'same' };

/**
 * Checks all existing files before writing anything. Throws a UsageError if a file is in the way, an Error if a shard
 * is damaged or writing fails.
 */
export async function writeExport({ tokensDir, index, dir, layout, name, onBytes }: Export): Promise<Written[]> {
  const files = exportedFiles(index, layout, name);
  if (files.length === 0) throw new UsageError(`${nearPath(tokensDir)} contains no tokens`);
  const existing = existsSync(dir) ? readdirSync(dir).filter((file) => belongsToExport(file, layout, name)) : [];
  const unexpected = existing.filter((name) => !files.some(({ file }) => file === name));
  if (unexpected.length > 0)
    throw new UsageError(
      `${nearPath(dir)} contains ${unexpected.join(', ')}, which a trainer would read as part of this export; nothing was written: remove it or choose another folder`,
    );
  const progress = counting(files, onBytes);
  const same = new Map(
    files
      .filter(({ file }) => existing.includes(file))
      .map((file) => [file.file, compare(join(dir, file.file), progress.contentOf(tokensDir, file))]),
  );
  const different = [...same].find(([, sha256]) => sha256 === null)?.[0];
  if (different !== undefined)
    throw new UsageError(
      `${nearPath(join(dir, different))} exists with different content; nothing was written: remove it or choose another folder`,
    );
  mkdirSync(dir, { recursive: true });
  const written: Written[] = [];
  for (const file of files) {
    const known = same.get(file.file);
    written.push(
      known
        ? { ...file, sha256: known, outcome: 'same' }
        : {
            ...file,
            sha256: await write(join(dir, file.file), progress.contentOf(tokensDir, file)),
            outcome: 'written',
          },
    );
  }
  return written;
}

// ---------------------------------------------------------------------------

interface Content {
  bytes: number;
  chunks: Iterable<Uint8Array>;
}

function counting(
  files: ExportedFile[],
  onBytes: Export['onBytes'],
): { contentOf(tokensDir: string, file: ExportedFile): Content } {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = function* (chunks: Iterable<Uint8Array>) {
    for (const chunk of chunks) {
      yield chunk;
      onBytes((done += chunk.length), total);
    }
  };
  return { contentOf: (tokensDir, file) => ({ bytes: file.bytes, chunks: counted(exportedBytes(tokensDir, file)) }) };
}

/** Writes the whole file, or leaves none under its name. Returns its sha256. */
async function write(path: string, { chunks }: Content): Promise<string> {
  const hash = createHash('sha256');
  await writeFileDurably(path, (put) => {
    for (const chunk of chunks) {
      put(chunk);
      hash.update(chunk);
    }
  });
  return hash.digest('hex');
}

/** The sha256 of a file if it has exactly these bytes, else null. */
function compare(path: string, { bytes, chunks }: Content): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size !== bytes) return null;
  const hash = createHash('sha256');
  const fd = openSync(path, 'r');
  try {
    for (const chunk of chunks) {
      if (!nextBytesAre(fd, chunk)) return null;
      hash.update(chunk);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

function nextBytesAre(fd: number, expected: Uint8Array): boolean {
  const found = Buffer.allocUnsafe(expected.length);
  for (let done = 0; done < found.length;) {
    const read = readSync(fd, found, done, found.length - done, null);
    if (read === 0) return false;
    done += read;
  }
  return found.equals(expected);
}
