import { setImmediate } from 'node:timers/promises';
import { partName, sha256, type Parts } from '../../src/artifacts/parts.ts';
import type { SourceFile, Unit } from '../../src/sources/source.ts';
import type { TreeFile } from '../../src/sources/tree-file.ts';
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
 * The lines of all units in order, those of a unit at once. What a unit gave when its files had the same content comes from a part: its
 * lines as they were written then, after all filtering, and its account. `known` hears of the files that were not read again.
 */
export async function* readUnits(units: Unit[], account: Account, reading: UnitReading, known: (files: number) => void): AsyncGenerator<string | Buffer> {
  const keeping: Promise<void>[] = [];
  for await (const { unit, content, name, part } of lookAhead(units, reading)) {
    if (name === null || content === null) {
      yield* reading.linesOf(unit, unit.files, account);
      continue;
    }
    if (part !== null) {
      addAccount(account, part.account);
      known(unit.files.length);
      yield part.lines;
      continue;
    }
    const own = newAccount(account.tally.future.after);
    const lines: string[] = [];
    for await (const line of reading.linesOf(unit, atHand(unit.files, content), own)) lines.push(line);
    const bytes = Buffer.from(lines.join(''));
    addAccount(account, own);
    // What lies in the future now will not do so later.
    if (own.tally.future.messages === 0) keeping.push(reading.parts.keep(name, [Buffer.from(`${textOfAccount(own)}\n`), bytes]));
    if (keeping.length >= AHEAD) await keeping.shift();
    yield bytes;
  }
  await Promise.all(keeping);
}

const LEAST_SOURCE_BYTES = 4 << 20;
/** A smaller unit is read as fast as it is looked for; a larger one would have to be held in memory. */
const LEAST_UNIT_BYTES = 16 << 10;
const MOST_UNIT_BYTES = 16 << 20;
const AHEAD = 8;
const CHUNK_BYTES = 1 << 18;
const LF = 0x0a;

interface Looked {
  unit: Unit;
  content: Buffer[] | null;
  /** of its part; null if it has none */
  name: string | null;
  part: { account: Account; lines: Buffer } | null;
}

async function* lookAhead(units: Unit[], reading: UnitReading): AsyncGenerator<Looked> {
  const looking: Promise<Looked>[] = [];
  for (const unit of units) {
    looking.push(look(unit, reading));
    if (looking.length < AHEAD) continue;
    await setImmediate(); // reading from memory never waits: without this, looking and keeping would not go on beside it
    yield await looking.shift()!;
  }
  for (const looked of looking) yield await looked;
}

async function look(unit: Unit, { parts, about }: UnitReading): Promise<Looked> {
  const bytes = unit.files.reduce((sum, file) => sum + file.bytes, 0);
  const content = bytes >= LEAST_UNIT_BYTES && bytes <= MOST_UNIT_BYTES ? await contentOf(unit.files) : null;
  if (content === null) return { unit, content, name: null, part: null };
  const sums = await Promise.all(content.map(sha256));
  const name = partName([about, unit.about ?? null, unit.files.map(({ place }, i) => [place, sums[i]])]);
  const found = await parts.find(name);
  if (found === null) return { unit, content, name, part: null };
  const end = found.indexOf(LF);
  return { unit, content, name, part: { account: accountOfText(found.toString('utf8', 0, end)), lines: found.subarray(end + 1) } };
}

/** Null where one cannot be read, or grew: whoever reads it on says so. */
async function contentOf(files: TreeFile[]): Promise<Buffer[] | null> {
  try {
    const contents: Buffer[] = [];
    let bytes = 0;
    for (const file of files) {
      const chunks: Buffer[] = file.whole ? [file.whole()] : [];
      if (!file.whole) for await (const chunk of file.chunks()) {
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
