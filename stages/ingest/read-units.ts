import { sha256 } from '../../src/artifacts/parts/pack.ts';
import { partName, type Parts } from '../../src/artifacts/parts/parts.ts';
import type { SourceFile, Unit } from '../../src/sources/source.ts';
import type { TreeFile } from '../../src/sources/archive/tree-file.ts';
import { accountFromJson, accountToJson, addAccount, newAccount, type Account } from './account.ts';

export interface UnitReader {
  parts: Parts;
  /** the stage kind, its version and its params: with the files, they determine the lines of a unit */
  about: unknown;
  /** One unit's lines of conversations.jsonl. Adds to `account` while they are read. */
  linesOf(unit: Unit, files: TreeFile[], account: Account): AsyncIterable<string>;
  /** Called after each unit, in order, with the account that its lines were added to. */
  onUnit(unit: Unit, account: Account, from: 'file' | 'cache'): void;
}

/** Whether looking up cached units can be faster than reading the source. */
export function isCachingWorthwhile(files: SourceFile[]): boolean {
  return files.length > 1 && files.reduce((sum, { bytes }) => sum + bytes, 0) >= LEAST_SOURCE_BYTES;
}

/**
 * The lines of all units in order; a cached unit's lines come in one buffer. The cache holds the result of each unit:
 * its lines after all filtering, and its account. It is used again for a unit with the same files.
 */
export async function* readUnits(units: Unit[], account: Account, reader: UnitReader): AsyncGenerator<string | Buffer> {
  for (const unit of units) {
    const content = isWorthwhile(unit) ? await contentOf(unit.files) : null;
    if (content === null) {
      yield* reader.linesOf(unit, unit.files, account);
      reader.onUnit(unit, account, 'file');
      continue;
    }
    const name = unitPartName(unit, content, reader);
    const part = findPart(name, reader);
    const { account: unitAccount, lines } = part ?? (await readAndCache(unit, content, name, account, reader));
    addAccount(account, unitAccount);
    reader.onUnit(unit, unitAccount, part === null ? 'file' : 'cache');
    yield lines;
  }
}

const LEAST_SOURCE_BYTES = 4 << 20;
/** Smaller units are read as fast as they are looked up. Units above the maximum would take too much memory. */
const LEAST_UNIT_BYTES = 16 << 10;
const MOST_UNIT_BYTES = 16 << 20;
const CHUNK_BYTES = 1 << 18;
const LF = 0x0a;
/** Part of the parts' names, so that an account with other fields is never read. */
const LAYOUT = accountToJson(newAccount(0));

interface ReadUnit {
  account: Account;
  lines: Buffer;
}

function isWorthwhile({ files }: Unit): boolean {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return bytes >= LEAST_UNIT_BYTES && bytes <= MOST_UNIT_BYTES;
}

function unitPartName(unit: Unit, content: Buffer[], { about }: UnitReader): string {
  return partName([LAYOUT, about, unit.about ?? null, unit.files.map(({ place }, i) => [place, sha256(content[i]!)])]);
}

function findPart(name: string, { parts }: UnitReader): ReadUnit | null {
  const found = parts.find(name);
  if (found === null) return null;
  const end = found.indexOf(LF);
  return { account: accountFromJson(found.toString('utf8', 0, end)), lines: found.subarray(end + 1) };
}

async function readAndCache(
  unit: Unit,
  content: Buffer[],
  name: string,
  { tally }: Account,
  reader: UnitReader,
): Promise<ReadUnit> {
  const account = newAccount(tally.future.after);
  const texts: string[] = [];
  for await (const line of reader.linesOf(unit, withContent(unit.files, content), account)) texts.push(line);
  const lines = Buffer.from(texts.join(''));
  // Messages dated in the future today will not be in the future later, so such a unit is not cached.
  if (account.tally.future.messages === 0) reader.parts.keep(name, [Buffer.from(`${accountToJson(account)}\n`), lines]);
  return { account, lines };
}

/** The content of each file. Null if one cannot be read or has grown too large: reading it normally reports that. */
async function contentOf(files: TreeFile[]): Promise<Buffer[] | null> {
  try {
    const contents: Buffer[] = [];
    let bytes = 0;
    for (const file of files) {
      const chunks: Buffer[] = file.whole ? [file.whole()] : [];
      if (!file.whole)
        for await (const chunk of file.chunks()) {
          chunks.push(Buffer.from(chunk));
          if ((bytes += chunk.length) > MOST_UNIT_BYTES) return null;
        }
      contents.push(Buffer.concat(chunks));
    }
    return contents;
  } catch {
    return null;
  }
}

/** Files that give the content already read and hashed, even if they have changed on disk since. */
function withContent(files: TreeFile[], contents: Buffer[]): TreeFile[] {
  return files.map((file, i) => ({ ...file, chunks: () => chunksOf(contents[i]!), whole: () => contents[i]! }));
}

async function* chunksOf(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += CHUNK_BYTES) yield content.subarray(start, start + CHUNK_BYTES);
}
