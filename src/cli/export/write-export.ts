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
  /** where the files go; made if it is not there */
  dir: string;
  layout: ExportLayout;
  /** what llm.c's file names begin with */
  name: string;
  tell(doneBytes: number, totalBytes: number): void;
}

/** A file of an export as it stands in the folder now; `same`: it was there already. */
export type Written = ExportedFile & { sha256: string; outcome: 'written' | 'same' };

/**
 * Looks at all that is there before it writes anything. Throws a UsageError if a file is in the way, an Error if a
 * shard is damaged or the disk refuses.
 */
export async function writeExport({ tokensDir, index, dir, layout, name, tell }: Export): Promise<Written[]> {
  const files = exportedFiles(index, layout, name);
  if (files.length === 0) throw new UsageError(`${nearPath(tokensDir)} holds no tokens`);
  const there = existsSync(dir) ? readdirSync(dir).filter((file) => belongsToExport(file, layout, name)) : [];
  const odd = there.filter((file) => !files.some((each) => each.file === file));
  if (odd.length > 0)
    throw new UsageError(
      `${nearPath(dir)} holds ${odd.join(', ')}, which would be taken for a part of this; nothing was written: remove it, or name another folder`,
    );
  const progress = counting(files, tell);
  const same = new Map(
    files
      .filter(({ file }) => there.includes(file))
      .map((file) => [file.file, compare(join(dir, file.file), progress.of(tokensDir, file))]),
  );
  const other = [...same].find(([, sha256]) => sha256 === null)?.[0];
  if (other !== undefined)
    throw new UsageError(
      `${nearPath(join(dir, other))} is there already, and has other bytes; nothing was written: remove it, or name another folder`,
    );
  mkdirSync(dir, { recursive: true });
  const written: Written[] = [];
  for (const file of files) {
    const known = same.get(file.file);
    written.push(
      known
        ? { ...file, sha256: known, outcome: 'same' }
        : { ...file, sha256: await write(join(dir, file.file), progress.of(tokensDir, file)), outcome: 'written' },
    );
  }
  return written;
}

// ---------------------------------------------------------------------------

interface Content {
  bytes: number;
  pieces: Iterable<Uint8Array>;
}

function counting(files: ExportedFile[], tell: Export['tell']): { of(tokensDir: string, file: ExportedFile): Content } {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = function* (pieces: Iterable<Uint8Array>) {
    for (const piece of pieces) {
      yield piece;
      tell((done += piece.length), total);
    }
  };
  return { of: (tokensDir, file) => ({ bytes: file.bytes, pieces: counted(exportedBytes(tokensDir, file)) }) };
}

/** Whole and on the disk under its name, or not there. */
async function write(path: string, { pieces }: Content): Promise<string> {
  const hash = createHash('sha256');
  await writeFileDurably(path, (put) => {
    for (const piece of pieces) {
      put(piece);
      hash.update(piece);
    }
  });
  return hash.digest('hex');
}

/** The sha256 of a file that holds these very bytes; null of one that does not. */
function compare(path: string, { bytes, pieces }: Content): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== bytes) return null;
  const hash = createHash('sha256');
  const fd = openSync(path, 'r');
  try {
    for (const piece of pieces) {
      if (!nextIs(fd, piece)) return null;
      hash.update(piece);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

function nextIs(fd: number, wanted: Uint8Array): boolean {
  const there = Buffer.allocUnsafe(wanted.length);
  for (let done = 0; done < there.length;) {
    const read = readSync(fd, there, done, there.length - done, null);
    if (read === 0) return false;
    done += read;
  }
  return there.equals(wanted);
}
