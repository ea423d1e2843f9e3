import { sha256 } from '../../src/artifacts/parts/pack.ts';
import { partName, type Parts } from '../../src/artifacts/parts/parts.ts';
import type { SourceFile, Unit } from '../../src/sources/source.ts';
import type { TreeFile } from '../../src/sources/archive/tree-file.ts';
import { accountOfText, addAccount, newAccount, textOfAccount, type Account } from './account.ts';

export interface UnitReading {
  parts: Parts;
  /** the kind, its version and its params: what decides, beside the files, which lines a unit gives */
  about: unknown;
  /** One unit's lines of conversations.jsonl; the account grows with them. */
  linesOf(unit: Unit, files: TreeFile[], account: Account): AsyncIterable<string>;
}

/** Whether looking for what was read before can be faster than reading. */
export function unitsPay(files: SourceFile[]): boolean {
  return files.length > 1 && files.reduce((sum, { bytes }) => sum + bytes, 0) >= LEAST_SOURCE_BYTES;
}

/**
 * The lines of all units in order, those of a unit at once. What a unit gave when its files had the same content comes
 * from a part: its lines as they were written then, after all filtering, and its account. `known` hears of the files
 * that were not read again.
 */
export async function* readUnits(
  units: Unit[],
  account: Account,
  reading: UnitReading,
  known: (files: number) => void,
): AsyncGenerator<string | Buffer> {
  for (const unit of units) {
    const content = isWorthwhile(unit) ? await contentOf(unit.files) : null;
    if (content === null) {
      yield* reading.linesOf(unit, unit.files, account);
      continue;
    }
    const name = nameOf(unit, content, reading);
    const part = findPart(name, reading);
    if (part !== null) known(unit.files.length);
    const { account: own, lines } = part ?? (await readAndKeep(unit, content, name, account, reading));
    addAccount(account, own);
    yield lines;
  }
}

const LEAST_SOURCE_BYTES = 4 << 20;
/** A smaller unit is read as fast as it is looked for; a larger one would have to be held in memory. */
const LEAST_UNIT_BYTES = 16 << 10;
const MOST_UNIT_BYTES = 16 << 20;
const CHUNK_BYTES = 1 << 18;
const LF = 0x0a;
/** An account that counts something else is of no use: what it counts stands in the part's name. */
const LAYOUT = textOfAccount(newAccount(0));

interface ReadUnit {
  account: Account;
  lines: Buffer;
}

function isWorthwhile({ files }: Unit): boolean {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return bytes >= LEAST_UNIT_BYTES && bytes <= MOST_UNIT_BYTES;
}

function nameOf(unit: Unit, content: Buffer[], { about }: UnitReading): string {
  return partName([LAYOUT, about, unit.about ?? null, unit.files.map(({ place }, i) => [place, sha256(content[i]!)])]);
}

function findPart(name: string, { parts }: UnitReading): ReadUnit | null {
  const found = parts.find(name);
  if (found === null) return null;
  const end = found.indexOf(LF);
  return { account: accountOfText(found.toString('utf8', 0, end)), lines: found.subarray(end + 1) };
}

async function readAndKeep(
  unit: Unit,
  content: Buffer[],
  name: string,
  { tally }: Account,
  reading: UnitReading,
): Promise<ReadUnit> {
  const account = newAccount(tally.future.after);
  const texts: string[] = [];
  for await (const line of reading.linesOf(unit, atHand(unit.files, content), account)) texts.push(line);
  const lines = Buffer.from(texts.join(''));
  // What lies in the future now will not do so later.
  if (account.tally.future.messages === 0)
    reading.parts.keep(name, [Buffer.from(`${textOfAccount(account)}\n`), lines]);
  return { account, lines };
}

/** Null where one cannot be read, or grew: whoever reads it on says so. */
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

/** What is read is what was hashed, even if the file changes meanwhile; and it is fetched once. */
function atHand(files: TreeFile[], contents: Buffer[]): TreeFile[] {
  return files.map((file, i) => ({ ...file, chunks: () => piecesOf(contents[i]!), whole: () => contents[i]! }));
}

async function* piecesOf(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES);
}
