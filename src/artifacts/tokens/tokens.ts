import { join } from 'node:path';
import { sha256OfFile } from '../../files/sha256.ts';
import { labelOf } from '../../tokenizer/token-labels.ts';
import { openShard, openShardWriter, type ShardKind, type ShardReader, type ShardWriter } from './shards.ts';
import {
  SPLIT_NAMES,
  TOKENS_FORMAT,
  bySplit,
  readTokensIndex,
  writeTokensIndex,
  type SplitIndex,
  type SplitName,
  type TokensIndex,
} from './index.ts';

/** 128 MiB per file. */
export const SHARD_TOKENS = 64 * 2 ** 20;

export type TokensAbout = Pick<TokensIndex, 'tokenizer' | 'vocabularySize' | 'separator' | 'ending' | 'template'>;

export interface TokensWriter {
  /**
   * Appends one document and its separator. `bytes` is the number of UTF-8 bytes of its text. `labels` are those of the
   * ids (`src/tokenizer/token-labels.ts`) and of the separator; by default, all of it is text without a speaker.
   */
  append(
    split: SplitName,
    ids: ArrayLike<number>,
    bytes: number,
    labels?: { ids: ArrayLike<number>; separator: number },
  ): void;
  /**
   * Appends several documents. If their ending is the separator, throws a RangeError unless each document ends with it
   * and contains no other one.
   */
  appendDocuments(split: SplitName, documents: Documents): void;
  /**
   * Appends ids of consecutive documents, cut anywhere, for documents that are too long for memory. Each separator ends
   * a document, and the last id of a split must be a separator. All of it is text without a speaker. `bytes` as above.
   */
  appendStream(split: SplitName, ids: Uint16Array, bytes: number): void;
  /** Closes the shards, then writes the index, which completes the tokens. `speakers` are the names for the labels. */
  close(speakers?: string[]): TokensIndex;
  abandon(): void;
}

/** Consecutive documents. */
export interface Documents {
  ids: Uint16Array;
  /** one for each id */
  labels: Uint16Array;
  /** number of ids of each document; their sum is the length of `ids` */
  lengths: ArrayLike<number>;
  /** UTF-8 bytes of the text of all ids */
  bytes: number;
}

export function openTokensWriter(dir: string, about: TokensAbout, shardTokens: number = SHARD_TOKENS): TokensWriter {
  const splits = bySplit((name) => openSplitWriter(dir, name, shardTokens));
  const appendDocuments = (split: SplitName, documents: Documents): void => {
    checkDocuments(documents, about);
    splits[split].write(documents, startsOf(documents.lengths));
  };
  return {
    appendDocuments,
    append(
      split,
      ids,
      bytes,
      labels = { ids: new Uint16Array(ids.length).fill(TEXT_OF_NOBODY), separator: SEPARATOR_OF_NOBODY },
    ) {
      if (labels.ids.length !== ids.length) throw new RangeError(`${labels.ids.length} labels for ${ids.length} ids`);
      const ended = (values: ArrayLike<number>, end: number): Uint16Array => {
        const all = new Uint16Array(values.length + 1);
        all.set(values);
        all[values.length] = end;
        return all;
      };
      appendDocuments(split, {
        ids: ended(ids, about.separator),
        labels: ended(labels.ids, labels.separator),
        lengths: [ids.length + 1],
        bytes,
      });
    },
    appendStream(split, ids, bytes) {
      const labels = ids.map((id) => (id === about.separator ? SEPARATOR_OF_NOBODY : TEXT_OF_NOBODY));
      splits[split].write({ ids, labels, bytes }, splits[split].streamStarts(ids, about));
    },
    close(speakers = []) {
      const closed = bySplit((name) => splits[name].close());
      const index: TokensIndex = { format: TOKENS_FORMAT, ...about, speakers, splits: closed };
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
  /** UTF-8 bytes of the tokens' text; separators are not text */
  bytes: number;
  documents: number;
  /** position of each document's first token; its separator is right before the next document */
  starts: ArrayLike<number>;
  /** `length` tokens from position `start`, across documents and shards. Throws a RangeError beyond the end. */
  read(start: number, length: number): Uint16Array;
  /** The labels of the same tokens; see `src/tokenizer/token-labels.ts`. */
  labels(start: number, length: number): Uint16Array;
}

export interface TokenReader {
  index: TokensIndex;
  split(name: SplitName): TokenSplit;
  close(): void;
}

/**
 * Opens all shards and checks their headers and sizes; everything else is read on request. Throws an Error that names a
 * damaged or missing file.
 */
export function openTokens(dir: string): TokenReader {
  const index = readTokensIndex(dir);
  const opened: ShardReader[] = [];
  const close = (): void => {
    for (const shard of opened.splice(0)) shard.close();
  };
  try {
    const splits = bySplit((name) => openSplit(dir, index, name, opened));
    return { index, split: (name) => splits[name], close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads every byte of every shard. Throws an Error that names the first one that does not match the index. */
export function verifyTokens(dir: string): void {
  openTokens(dir).close();
  const { splits } = readTokensIndex(dir);
  for (const { file, sha256 } of SPLIT_NAMES.flatMap((name) =>
    splits[name].shards.flatMap((shard) => [shard, shard.labels]),
  )) {
    if (sha256OfFile(join(dir, file)) !== sha256)
      throw new Error(`${join(dir, file)} is damaged: its sha256 does not match the index`);
  }
}

function openSplitWriter(dir: string, name: SplitName, shardTokens: number) {
  const index: SplitIndex = { tokens: 0, bytes: 0, documents: 0, shards: [], starts: [] };
  let shard: { ids: ShardWriter; labels: ShardWriter } | null = null;
  let insideDocument = false;
  const openPair = () => {
    const file = shardFile(name, index.shards.length);
    return {
      ids: openShardWriter(join(dir, file), 'ids', shardTokens),
      labels: openShardWriter(join(dir, labelsFile(file)), 'labels', shardTokens),
    };
  };
  const closeShard = (): void => {
    if (shard) {
      const file = shardFile(name, index.shards.length);
      const { sha256 } = shard.labels.close();
      index.shards.push({ file, ...shard.ids.close(), labels: { file: labelsFile(file), sha256 } });
    }
    shard = null;
  };
  return {
    /** `starts`: indices in `ids` at which documents begin. */
    write({ ids, labels, bytes }: Omit<Documents, 'lengths'>, starts: number[]): void {
      for (const start of starts) index.starts.push(index.tokens + start);
      index.documents += starts.length;
      index.bytes += bytes;
      for (let start = 0; start < ids.length;) {
        shard ??= openPair();
        const end = Math.min(ids.length, start + shardTokens - shard.ids.tokens);
        shard.ids.write(ids, start, end);
        shard.labels.write(labels, start, end);
        index.tokens += end - start;
        start = end;
        if (shard.ids.tokens === shardTokens) closeShard();
      }
    },
    streamStarts(ids: Uint16Array, { vocabularySize, separator }: TokensAbout): number[] {
      const starts: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        if (ids[i]! >= vocabularySize) throw new RangeError(`token id ${ids[i]} is not in the vocabulary`);
        if (!insideDocument) starts.push(i);
        insideDocument = ids[i] !== separator;
      }
      return starts;
    },
    close(): SplitIndex {
      if (insideDocument) throw new Error(`${name}: its last document does not end with the separator`);
      closeShard();
      return index;
    },
    abandon(): void {
      shard?.ids.abandon();
      shard?.labels.abandon();
      shard = null;
    },
  };
}

function startsOf(lengths: ArrayLike<number>): number[] {
  let start = 0;
  return Array.from(lengths, (length) => (start += length) - length);
}

function checkDocuments({ ids, labels, lengths }: Documents, { vocabularySize, separator, ending }: TokensAbout): void {
  if (labels.length !== ids.length) throw new RangeError(`${labels.length} labels for ${ids.length} ids`);
  let end = 0;
  for (let document = 0; document < lengths.length; document++) {
    const start = end;
    end += lengths[document]!;
    if (end === start) throw new RangeError('a document without tokens');
    const last = ending === 'separator' ? end - 1 : end;
    if (last < end && ids[last] !== separator)
      throw new RangeError(`a document ends with token id ${ids[last]}, not with the separator`);
    const wrong = indexOfWrong(ids, start, last, { vocabularySize, separator });
    if (wrong !== -1) throw new RangeError(`token id ${ids[wrong]} cannot be inside a document`);
  }
  if (end !== ids.length) throw new RangeError(`documents with ${end} tokens, but ${ids.length} ids`);
}

/** Index of the first separator or unknown id from `start` up to, but not including, `end`; -1 if there is none. */
function indexOfWrong(
  ids: Uint16Array,
  start: number,
  end: number,
  { vocabularySize, separator }: Pick<TokensAbout, 'vocabularySize' | 'separator'>,
): number {
  const least = Math.min(separator, vocabularySize); // one comparison per id, as the separator is usually the last id
  for (let i = start; i < end; i++)
    if (ids[i]! >= least && (ids[i]! >= vocabularySize || ids[i] === separator)) return i;
  return -1;
}

function shardFile(split: SplitName, number: number): string {
  return `${split}-${String(number).padStart(6, '0')}.bin`;
}

function labelsFile(shardFile: string): string {
  return shardFile.replace(/bin$/, 'labels');
}

const TEXT_OF_NOBODY = labelOf('text', 0);
const SEPARATOR_OF_NOBODY = labelOf('separator', 0);

function openSplit(dir: string, index: TokensIndex, name: SplitName, opened: ShardReader[]): TokenSplit {
  const { tokens, bytes, documents, starts, shards } = index.splits[name];
  const openShards: OpenShard[] = [];
  let first = 0;
  for (const shard of shards) {
    const ids = openShard(join(dir, shard.file), 'ids', shard.tokens);
    opened.push(ids);
    const labels = openShard(join(dir, shard.labels.file), 'labels', shard.tokens);
    opened.push(labels);
    openShards.push({ first, tokens: shard.tokens, ids, labels });
    first += shard.tokens;
  }
  const reading =
    (kind: ShardKind) =>
    (start: number, length: number): Uint16Array => {
      if (start < 0 || length < 0 || start + length > tokens)
        throw new RangeError(`${name} has ${tokens} tokens: cannot read ${length} from ${start}`);
      const out = new Uint16Array(length);
      for (const shard of openShards) {
        const from = Math.max(start, shard.first);
        const to = Math.min(start + length, shard.first + shard.tokens);
        if (from < to) shard[kind].read(out.subarray(from - start, to - start), from - shard.first);
      }
      return out;
    };
  return { tokens, bytes, documents, starts, read: reading('ids'), labels: reading('labels') };
}

interface OpenShard {
  /** position of the shard's first token in the split */
  first: number;
  tokens: number;
  ids: ShardReader;
  labels: ShardReader;
}
