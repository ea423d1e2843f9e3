import { join } from 'node:path';
import { openShard, openShardWriter, sha256OfFile, type ShardReader, type ShardWriter } from './token-shards.ts';
import { SPLIT_NAMES, TOKENS_FORMAT, readTokensIndex, writeTokensIndex, type SplitIndex, type SplitName, type TokensIndex } from './tokens-index.ts';

/** 128 MiB a file. */
export const SHARD_TOKENS = 64 * 2 ** 20;

export type TokensAbout = Pick<TokensIndex, 'tokenizer' | 'vocabularySize' | 'separator' | 'template'>;

export interface TokensWriter {
  /** One document: its ids and then the separator, which the writer adds. `bytes`: UTF-8 bytes of the text behind the ids. */
  append(split: SplitName, ids: ArrayLike<number>, bytes: number): void;
  /** Closes the shards, then writes the index: without it there are no tokens. */
  close(): TokensIndex;
  abandon(): void;
}

export function openTokensWriter(dir: string, about: TokensAbout, shardTokens: number = SHARD_TOKENS): TokensWriter {
  const splits = { train: openSplitWriter(dir, 'train', shardTokens), validation: openSplitWriter(dir, 'validation', shardTokens) };
  const separator = [about.separator];
  return {
    append(split, ids, bytes) {
      for (let i = 0; i < ids.length; i++) {
        if (ids[i]! >= about.vocabularySize || ids[i] === about.separator) throw new RangeError(`token id ${ids[i]} cannot be inside a document`);
      }
      splits[split].startDocument(bytes);
      splits[split].write(ids);
      splits[split].write(separator);
    },
    close() {
      const index: TokensIndex = { format: TOKENS_FORMAT, ...about, splits: { train: splits.train.close(), validation: splits.validation.close() } };
      writeTokensIndex(dir, index);
      return index;
    },
    abandon() {
      for (const split of SPLIT_NAMES) splits[split].abandon();
    },
  };
}

export interface TokenSplit {
  tokens: number;
  /** UTF-8 bytes of the text behind the tokens; separators are not text */
  bytes: number;
  documents: number;
  /** of each document, the place of its first token; it ends with a separator, just before the next one's start */
  starts: ArrayLike<number>;
  /** `length` tokens from place `start`, across documents and shards. Throws a RangeError beyond the end. */
  read(start: number, length: number): Uint16Array;
}

export interface TokenReader {
  index: TokensIndex;
  split(name: SplitName): TokenSplit;
  close(): void;
}

/**
 * Opens all shards and checks each one's header and size; reads nothing else until asked.
 * Throws an Error that names the damaged or missing file.
 */
export function openTokens(dir: string): TokenReader {
  const index = readTokensIndex(dir);
  const opened: ShardReader[] = [];
  const close = (): void => {
    for (const shard of opened.splice(0)) shard.close();
  };
  try {
    const splits = Object.fromEntries(SPLIT_NAMES.map((name) => [name, openSplit(dir, index, name, opened)]));
    return { index, split: (name) => splits[name]!, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads every byte of every shard; throws an Error that names the first one that is not what the index says. */
export function verifyTokens(dir: string): void {
  openTokens(dir).close();
  const { splits } = readTokensIndex(dir);
  for (const { file, sha256 } of SPLIT_NAMES.flatMap((name) => splits[name].shards)) {
    if (sha256OfFile(join(dir, file)) !== sha256) throw new Error(`${join(dir, file)} is damaged: its sha256 is not the index's`);
  }
}

function openSplitWriter(dir: string, name: SplitName, shardTokens: number) {
  const index: SplitIndex = { tokens: 0, bytes: 0, documents: 0, shards: [], starts: [] };
  let shard: ShardWriter | null = null;
  const closeShard = (): void => {
    if (shard) index.shards.push({ file: shardFile(name, index.shards.length), ...shard.close() });
    shard = null;
  };
  return {
    startDocument(bytes: number): void {
      index.starts.push(index.tokens);
      index.documents++;
      index.bytes += bytes;
    },
    write(ids: ArrayLike<number>): void {
      for (let at = 0; at < ids.length; ) {
        shard ??= openShardWriter(join(dir, shardFile(name, index.shards.length)));
        const end = Math.min(ids.length, at + shardTokens - shard.tokens);
        shard.write(ids, at, end);
        index.tokens += end - at;
        at = end;
        if (shard.tokens === shardTokens) closeShard();
      }
    },
    close(): SplitIndex {
      closeShard();
      return index;
    },
    abandon(): void {
      shard?.abandon();
      shard = null;
    },
  };
}

function shardFile(split: SplitName, number: number): string {
  return `${split}-${String(number).padStart(6, '0')}.bin`;
}

function openSplit(dir: string, index: TokensIndex, name: SplitName, opened: ShardReader[]): TokenSplit {
  const { tokens, bytes, documents, starts, shards } = index.splits[name];
  const readers: { first: number; tokens: number; reader: ShardReader }[] = [];
  let first = 0;
  for (const shard of shards) {
    const reader = openShard(join(dir, shard.file), shard.tokens);
    opened.push(reader);
    readers.push({ first, tokens: shard.tokens, reader });
    first += shard.tokens;
  }
  const read = (start: number, length: number): Uint16Array => {
    if (start < 0 || length < 0 || start + length > tokens) throw new RangeError(`${name} has ${tokens} tokens: cannot read ${length} from ${start}`);
    const out = new Uint16Array(length);
    for (const shard of readers) {
      const from = Math.max(start, shard.first);
      const to = Math.min(start + length, shard.first + shard.tokens);
      if (from < to) shard.reader.read(out.subarray(from - start, to - start), from - shard.first);
    }
    return out;
  };
  return { tokens, bytes, documents, starts, read };
}
