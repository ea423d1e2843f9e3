import { conversationLine, type Conversation } from '../../src/artifacts/conversations.ts';
import type { Parts } from '../../src/artifacts/parts/parts.ts';
import type { TreeFile } from '../../src/sources/archive/tree-file.ts';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { fingerprinting } from '../../src/sources/overlaps/fingerprints.ts';
import { printedUnits, type PrintedUnits } from '../../src/sources/overlaps/printed-units.ts';
import type { Unit } from '../../src/sources/source.ts';
import { drop } from '../../src/sources/tally.ts';
import type { Account } from './account.ts';
import { VERSION, type Params } from './params.ts';
import { readUnits, type UnitReader } from './read-units.ts';
import { mayHaveControls, withoutControls } from '../../src/sources/text/control-characters.ts';
import { shapeConversations } from './shape-conversations.ts';
import { addToStatistics } from './statistics.ts';

/** One reading of all units. */
export interface Pass {
  account: Account;
  /** of each unit, in order; empty if they are not compared */
  printed: PrintedUnits;
  /** numbers of the sources with conversations in the cache; 0 for a single source */
  found: Set<number>;
  /** files whose conversations came from the cache */
  cachedFiles: number;
}

export interface PassOptions {
  params: Params;
  /** the format of a single source, which may have been detected; null for several, whose units know their formats */
  format: SourceFormat | null;
  /** the cache of finished units; null: not used */
  parts: Parts | null;
  /** whether to remember what units have in common, see src/sources/overlaps */
  isCompared: boolean;
}

export const newPass = (account: Account, found: Set<number>): Pass => ({
  account,
  printed: printedUnits(),
  found,
  cachedFiles: 0,
});

/** Several names of one person are one name. */
export function aliasing({ names }: Pick<Params, 'names'>): (name: string) => string {
  const aliases = new Map(Object.entries(names.aliases));
  return (name) => aliases.get(name) ?? name;
}

/** The lines of conversations.jsonl. Adds to the pass while they are read. */
export async function* passLines(
  units: Unit[],
  pass: Pass,
  { params, format, parts, isCompared }: PassOptions,
): AsyncGenerator<string | Uint8Array> {
  const { account } = pass;
  const nameOf = aliasing(params);
  async function* threadsOf(unit: Unit, files: TreeFile[], unitAccount: Account): AsyncGenerator<Conversation> {
    // What the cache holds of a unit must depend on that unit alone.
    const prints = isCompared ? fingerprinting(nameOf, parts ? undefined : pass.printed.levels()) : null;
    for await (const conversation of unit.read(files, unitAccount.tally)) {
      prints?.add(conversation);
      yield conversation;
    }
    unitAccount.prints = prints && prints.result();
  }
  const onUnit: UnitReader['onUnit'] = (unit, { prints, counts }, from) => {
    if (from === 'cache') pass.cachedFiles += unit.files.length;
    if (from === 'cache' && counts.threads > 0) pass.found.add(unit.source ?? 0);
    if (prints) pass.printed.add(prints, unit.exports);
  };
  if (!parts) {
    async function* allThreads(): AsyncGenerator<Conversation> {
      for (const unit of units) {
        yield* threadsOf(unit, unit.files, account);
        onUnit(unit, account, 'file');
      }
    }
    yield* shapedLines(allThreads(), params, account);
    return;
  }
  const { source: _, sources: __, ...choices } = params;
  const reader: UnitReader = {
    parts,
    about: ['ingest', VERSION, { ...choices, format }, isCompared],
    linesOf: (unit, files, unitAccount) => shapedLines(threadsOf(unit, files, unitAccount), params, unitAccount),
    onUnit,
  };
  yield* readUnits(units, account, reader);
}

// ---------------------------------------------------------------------------

async function* shapedLines(
  threads: AsyncIterable<Conversation>,
  params: Params,
  account: Account,
): AsyncGenerator<string> {
  for await (const conversation of shapeConversations(threads, params, account)) {
    const line = conversationLine(conversation);
    const clean = mayHaveControls(line) ? cleanedOf(conversation, account) : conversation;
    if (clean.messages.length === 0 && conversation.messages.length > 0) continue;
    addToStatistics(account.statistics, clean);
    account.conversations++;
    yield clean === conversation ? line : conversationLine(clean);
  }
}

function cleanedOf(conversation: Conversation, { tally, counts }: Account): Conversation {
  const { conversation: clean, cleaned, emptied } = withoutControls(conversation);
  if (cleaned === 0) return conversation;
  counts.cleaned += cleaned;
  tally.kept -= emptied;
  if (emptied > 0) drop(tally, 'empty', emptied);
  return clean;
}
