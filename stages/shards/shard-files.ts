import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SHARD_HEADER_BYTES, SHARD_MAGIC, SHARD_VERSION } from '../../src/artifacts/tokens/shards.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { sourceFiles } from './source-files.ts';

export type Layout = 'nanogpt' | 'llmc';

/** The properties of one of the user's files, derived from its name, size and first bytes. */
export interface ShardFile {
  /** the name in the pipeline, for messages */
  name: string;
  path: string;
  layout: Layout;
  /** the split that its name assigns it to */
  split: SplitName;
  /** the file name without its number; a document may continue in the next file of the same series */
  series: string;
  /** bytes before the first id */
  headBytes: number;
  tokens: number;
}

/**
 * All files, in order, checked before any of them is read. Throws a StageInputError that names the first one that is
 * not a valid shard.
 */
export function findShardFiles(
  { source, layout }: { source: string; layout: Layout | 'auto' },
  path: string,
): ShardFile[] {
  const names = directoryNames(path);
  const files = (names ?? ['']).map((file): ShardFile => {
    const named =
      names === null
        ? { split: 'train' as const, series: '' }
        : { split: splitOf(file), series: file.replace(/[-_.]?\d*\.bin$/, '') };
    const location = {
      name: names === null ? source : join(source, file),
      path: names === null ? path : join(path, file),
    };
    return { ...location, ...named, ...inspect(location, layout) };
  });
  if (!files.some(({ split }) => split === 'train')) {
    throw new StageInputError(
      `${source} has no training data: all files are named for validation or test`,
      'rename a file to train.bin or NAME_train_000001.bin, or set `source` to a single file',
    );
  }
  return files;
}

/** `val.bin`, `NAME_val_000000.bin`: validation; test likewise. All other names are for training. */
export function splitOf(file: string): SplitName {
  const [, word] = /(?:^|[-_.])(val|valid|validation|test)(?:[-_.]?\d+)?\.bin$/i.exec(file) ?? [];
  return word === undefined ? 'train' : word.toLowerCase() === 'test' ? 'test' : 'validation';
}

// -----------------------------------------------------------------------------------------------------------

/**
 * llm.c's other kinds of files, by their first number. Bare ids cannot start with such a number, because half of it is
 * outside GPT-2's vocabulary.
 */
const OTHER_FILES: Record<number, { is: string; hint: string }> = {
  20240801: {
    is: "contains Llama 3's 32-bit ids",
    hint: "write it again with GPT-2's encoding: pass --model_desc gpt-2 to llm.c's scripts",
  },
  20240522: { is: 'contains multiple-choice questions, not text to train on', hint: 'remove it from the folder' },
  20240326: { is: 'contains the weights of a model', hint: 'remove it from the folder' },
};

function directoryNames(path: string): string[] | null {
  try {
    return sourceFiles('source', path);
  } catch (error) {
    throw new StageInputError((error as Error).message);
  }
}

function inspect(
  { name, path }: { name: string; path: string },
  layout: Layout | 'auto',
): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  const { head, size } = beginningOf(name, path);
  if (size === 0) throw new StageInputError(`${name} is empty`, 'write it again, or remove it from the folder');
  const magic = head.length >= 4 ? head.readInt32LE(0) : null;
  const other = magic === null ? undefined : OTHER_FILES[magic];
  if (other) throw new StageInputError(`${name} ${other.is}: it begins with ${magic}`, other.hint);
  if (magic === SHARD_MAGIC.labels && name.endsWith('.labels'))
    throw new StageInputError(`${name} contains token labels, not ids`, 'use the .bin file next to it');
  const isLlmc = magic === SHARD_MAGIC.ids;
  if (isLlmc && layout === 'nanogpt')
    throw new StageInputError(
      `${name} begins with llm.c's header (${magic} at byte 0), not with an id`,
      'set `layout: llmc`, or `auto`',
    );
  if (!isLlmc && layout === 'llmc')
    throw new StageInputError(
      `${name} begins with ${magic ?? 'less than four bytes'} at byte 0, not with llm.c's ${SHARD_MAGIC.ids}`,
      'set `layout: nanogpt` for bare ids without a header, or `auto`',
    );
  return isLlmc ? headed(name, head, size) : bare(name, size);
}

function beginningOf(name: string, path: string): { head: Buffer; size: number } {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const head = Buffer.alloc(SHARD_HEADER_BYTES);
    const read = readSync(fd, head, 0, head.length, 0);
    return { head: head.subarray(0, read), size: fstatSync(fd).size };
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** The operating system's error, with the name that the user knows. */
export function unreadable(name: string, error: unknown): StageInputError {
  return new StageInputError(
    `${name} cannot be read: ${(error as Error).message}`,
    'make it readable (chmod +r), or copy it again',
  );
}

function headed(name: string, head: Buffer, size: number): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  if (head.length < SHARD_HEADER_BYTES)
    throw new StageInputError(
      `${name} ends at byte ${size}, inside llm.c's header of ${SHARD_HEADER_BYTES} bytes`,
      AGAIN,
    );
  const [version, tokens] = [head.readInt32LE(4), head.readInt32LE(8)];
  if (version !== SHARD_VERSION)
    throw new StageInputError(
      `${name} has version ${version} (at byte 4), but llm.c's 16-bit ids have version ${SHARD_VERSION}`,
      AGAIN,
    );
  if (tokens < 1) throw new StageInputError(`the header of ${name} claims ${tokens} tokens (at byte 8)`, AGAIN);
  const expected = SHARD_HEADER_BYTES + tokens * 2;
  if (size < expected)
    throw new StageInputError(
      `${name} is cut off: it has ${size} bytes, but should have ${expected} for the ${tokens} tokens in its header (at byte 8)`,
      AGAIN,
    );
  if (size > expected)
    throw new StageInputError(
      `${name} is too long: it has ${size} bytes, but should have ${expected} for the ${tokens} tokens in its header (at byte 8)`,
      AGAIN,
    );
  return { layout: 'llmc', headBytes: SHARD_HEADER_BYTES, tokens };
}

function bare(name: string, size: number): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  if (size % 2)
    throw new StageInputError(
      `${name} has an odd number of bytes, ${size}: the last one, byte ${size - 1}, is half of a 16-bit id`,
      AGAIN,
    );
  return { layout: 'nanogpt', headBytes: 0, tokens: size / 2 };
}

const AGAIN = 'copy it again, or rerun the script that wrote it';
