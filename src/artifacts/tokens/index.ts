import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { replaceFile } from '../../files/replace-file.ts';

export const TOKENS_INDEX_FILE = 'index.json';
export const TOKENS_FORMAT = 'chat-runner/tokens/3';

export type SplitName = 'train' | 'validation' | 'test';
export const SPLIT_NAMES: readonly SplitName[] = ['train', 'validation', 'test'];

/** An object with a value for each split. */
export function bySplit<T>(valueOf: (name: SplitName) => T): Record<SplitName, T> {
  return Object.fromEntries(SPLIT_NAMES.map((name) => [name, valueOf(name)])) as Record<SplitName, T>;
}

const Count = Type.Integer({ minimum: 0 });
export const SplitIndex = Type.Object({
  tokens: Count,
  /** UTF-8 bytes of the tokens' text; separators are not text */
  bytes: Count,
  documents: Count,
  /** `labels`: the file with the labels of the tokens */
  shards: Type.Array(
    Type.Object({
      file: Type.String(),
      tokens: Count,
      sha256: Type.String(),
      labels: Type.Object({ file: Type.String(), sha256: Type.String() }),
    }),
  ),
  /** position of each document's first token in the split; its separator is right before the next document */
  starts: Type.Array(Count),
});
export const TokensIndex = Type.Object({
  format: Type.Literal(TOKENS_FORMAT),
  /** `vocabulary`: digest of the vocabulary files, so that ids of different vocabularies are never mixed */
  tokenizer: Type.Object({ name: Type.String(), vocabulary: Type.String() }),
  vocabularySize: Type.Integer({ minimum: 1, maximum: 65536 }),
  separator: Count,
  /** how documents end: with the separator's id, or with tokens of ordinary text */
  ending: Type.Union([Type.Literal('separator'), Type.Literal('blankLines'), Type.Literal('sevenTokens')]),
  template: Type.String(),
  /** names; the labels refer to them by number, starting at 1 */
  speakers: Type.Array(Type.String()),
  splits: Type.Object({ train: SplitIndex, validation: SplitIndex, test: SplitIndex }),
});
export type SplitIndex = Static<typeof SplitIndex>;
export type TokensIndex = Static<typeof TokensIndex>;

export function writeTokensIndex(dir: string, index: TokensIndex): void {
  replaceFile(join(dir, TOKENS_INDEX_FILE), indexText(index));
}

/** Throws an Error that names the file if it is missing, not an index, or inconsistent. */
export function readTokensIndex(dir: string): TokensIndex {
  const path = join(dir, TOKENS_INDEX_FILE);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`cannot read ${path}, the index of the tokens`, { cause });
  }
  if (!Value.Check(TokensIndex, value)) {
    const error = Value.Errors(TokensIndex, value).First();
    throw new Error(`${path} is not an index of tokens: ${error?.path || '/'}: ${error?.message}`);
  }
  for (const name of SPLIT_NAMES) checkSplit(value.splits[name], `${path}: ${name}`);
  return value;
}

/** Indented for people, but with the long lists of starts on one line each. */
function indexText(index: TokensIndex): string {
  const splits = bySplit((name) => ({ ...index.splits[name], starts: [] }));
  const text = JSON.stringify({ ...index, splits }, null, 2);
  const lists = SPLIT_NAMES.map((name) => JSON.stringify(index.splits[name].starts));
  return `${text.replace(/"starts": \[\]/g, () => `"starts": ${lists.shift()}`)}\n`;
}

function checkSplit({ tokens, documents, shards, starts }: SplitIndex, where: string): void {
  const inShards = shards.reduce((sum, shard) => sum + shard.tokens, 0);
  if (inShards !== tokens) throw new Error(`${where}: its shards have ${inShards} tokens, not ${tokens}`);
  if (starts.length !== documents) throw new Error(`${where}: ${starts.length} starts for ${documents} documents`);
  for (let i = 0; i < documents; i++) {
    if (i === 0 ? starts[i] !== 0 : starts[i]! <= starts[i - 1]!)
      throw new Error(`${where}: document ${i} starts out of order`);
  }
  if (documents > 0 && starts[documents - 1]! >= tokens)
    throw new Error(`${where}: the last document starts after the end`);
}
