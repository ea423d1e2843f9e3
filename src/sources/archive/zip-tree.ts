import { statSync } from 'node:fs';
import yauzl, { type Entry } from 'yauzl';
import { BOMB, isBomb } from './bomb.ts';
import type { Tree } from './tree-file.ts';
import { readZipEntry, type ZipEntry } from './zip-entry.ts';
import { salvageZip } from './zip-salvage.ts';
import { withCommas } from '../../numbers/counted.ts';

/**
 * Lists the files inside a .zip from its central directory. If a truncated download lost it, from the local header
 * before each file. Refused: names that lead out of the archive, links, encrypted entries, unknown compression methods,
 * duplicate names, and zip bombs.
 */
export async function filesInZip(path: string, place: string, wanted: (place: string) => boolean): Promise<Tree> {
  const within = (name: string): string => (place ? `${place}/${name}` : name);
  const { entries, trouble } = await zipEntries(path);
  const tree: Tree = { files: [], refused: trouble === null ? [] : [{ place, reason: trouble }] };
  const zipBytes = statSync(path).size;
  if (isZipBomb(entries, zipBytes))
    return {
      files: [],
      refused: [
        { place, reason: 'a zip bomb: it claims to hold far more than a file of its size can; nothing in it is read' },
      ],
    };
  const names = new Set<string>();
  for (const entry of entries) {
    const reason = whyRefused(entry, names);
    if (reason !== null) tree.refused.push({ place: within(printable(entry.name)), reason });
    else if (!entry.name.endsWith('/') && wanted(within(entry.name))) {
      tree.files.push({ path, place: within(entry.name), bytes: entry.bytes, chunks: () => readZipEntry(path, entry) });
    }
    names.add(entry.name);
  }
  return tree;
}

async function zipEntries(path: string): Promise<{ entries: ZipEntry[]; trouble: string | null }> {
  const entries: ZipEntry[] = [];
  try {
    const zip = await yauzl.openPromise(path, { decodeStrings: false });
    for await (const entry of zip.eachEntry()) entries.push(toZipEntry(entry));
    return { entries, trouble: null };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return { entries: [], trouble: `cannot be read (${code})` };
    const salvaged = await salvageZip(path);
    if (salvaged.length === 0)
      return { entries, trouble: 'not a zip file, or cut off before its first file: download it again' };
    return {
      entries: salvaged,
      trouble: `the zip is cut off or damaged: ${withCommas(salvaged.length)} files in front of the damage are read; download it again for the rest`,
    };
  }
}

function toZipEntry(entry: Entry): ZipEntry {
  return {
    // `whyRefused` checks the names, because yauzl's own check would end the listing at the first bad one.
    name: yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false),
    headerAt: entry.relativeOffsetOfLocalHeader,
    packedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    crc32: entry.crc32,
    method: entry.compressionMethod,
    encrypted: entry.isEncrypted(),
    link: ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000,
    cut: false,
  };
}

function whyRefused(entry: ZipEntry, names: Set<string>): string | null {
  if (yauzl.validateFileName(entry.name) !== null || /\0/.test(entry.name))
    return 'refused: its name leads out of the archive';
  if (entry.link) return 'refused: a link';
  if (entry.encrypted) return 'encrypted: unpack it with its password and give the folder';
  if (entry.method !== STORED && entry.method !== DEFLATED)
    return `packed with method ${entry.method}, which is not read: unpack it and give the folder`;
  if (names.has(entry.name)) return 'refused: a second entry of one name';
  if (isBomb(entry.bytes, entry.packedBytes)) return BOMB;
  return null;
}

/** Either a small file declares a huge content, or its entries overlap. */
function isZipBomb(entries: ZipEntry[], zipBytes: number): boolean {
  const sum = (size: (entry: ZipEntry) => number): number => entries.reduce((total, entry) => total + size(entry), 0);
  const packed = sum(({ packedBytes }) => packedBytes);
  const bytes = sum((entry) => entry.bytes);
  return isBomb(bytes, packed > zipBytes ? 0 : zipBytes);
}

function printable(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]/g, '?').slice(0, 200);
}

const STORED = 0;
const DEFLATED = 8;
