import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SHARD_HEADER_BYTES, SHARD_MAGIC, SHARD_VERSION } from '../../src/artifacts/tokens/shards.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { sourceFiles } from './source-files.ts';

export type Layout = 'nanogpt' | 'llmc';

/** One of the user's files, after a look at its size and its first bytes. */
export interface ShardFile {
  /** as the pipeline names it: for messages */
  name: string;
  path: string;
  layout: Layout;
  /** what it is for, by its name */
  split: SplitName;
  /** its name without its number: in files of one series a document may go over into the next */
  series: string;
  /** bytes before the first id */
  headBytes: number;
  tokens: number;
}

/**
 * Every file, in order, looked at before any is read. Throws a StageInputError that names the first one that is no
 * shard.
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
    const place = {
      name: names === null ? source : join(source, file),
      path: names === null ? path : join(path, file),
    };
    return { ...place, ...named, ...lookAt(place, layout) };
  });
  if (!files.some(({ split }) => split === 'train')) {
    throw new StageInputError(
      `${source} holds nothing to train on: by their names all files are for validation or test`,
      'name a file train.bin or NAME_train_000001.bin, or name one file itself as the source',
    );
  }
  return files;
}

/** `val.bin`, `NAME_val_000000.bin`: validation. What says nothing is for training. */
export function splitOf(file: string): SplitName {
  const [, word] = /(?:^|[-_.])(val|valid|validation|test)(?:[-_.]?\d+)?\.bin$/i.exec(file) ?? [];
  return word === undefined ? 'train' : word.toLowerCase() === 'test' ? 'test' : 'validation';
}

// -----------------------------------------------------------------------------------------------------------

/** Other files of llm.c: their first number, which no bare ids can make, for half of it is beyond GPT-2's. */
const OTHER_FILES: Record<number, { is: string; hint: string }> = {
  20240801: {
    is: "holds Llama 3's ids, 32 bits each",
    hint: "write it anew with GPT-2's encoding: --model_desc gpt-2 in llm.c's scripts",
  },
  20240522: { is: 'holds questions with several answers, no text to train on', hint: 'move it out of the folder' },
  20240326: { is: 'holds the weights of a model', hint: 'move it out of the folder' },
};

function directoryNames(path: string): string[] | null {
  try {
    return sourceFiles('source', path);
  } catch (error) {
    throw new StageInputError((error as Error).message);
  }
}

function lookAt(
  { name, path }: { name: string; path: string },
  layout: Layout | 'auto',
): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  const { head, size } = beginningOf(name, path);
  if (size === 0) throw new StageInputError(`${name} is empty`, 'write it anew, or take it out of the folder');
  const magic = head.length >= 4 ? head.readInt32LE(0) : null;
  const other = magic === null ? undefined : OTHER_FILES[magic];
  if (other) throw new StageInputError(`${name} ${other.is}: it begins with ${magic}`, other.hint);
  if (magic === SHARD_MAGIC.labels && name.endsWith('.labels'))
    throw new StageInputError(`${name} holds labels of tokens, not ids`, 'give the .bin file beside it');
  const isLlmc = magic === SHARD_MAGIC.ids;
  if (isLlmc && layout === 'nanogpt')
    throw new StageInputError(
      `${name} begins with llm.c's header (${magic} at byte 0), not with an id`,
      'layout: llmc reads it, or auto',
    );
  if (!isLlmc && layout === 'llmc')
    throw new StageInputError(
      `${name} begins with ${magic ?? 'less than a number'}, not with llm.c's ${SHARD_MAGIC.ids}, at byte 0`,
      'layout: nanogpt reads bare ids without a header, or auto',
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

/** The operating system's refusal, with the name that the person knows. */
export function unreadable(name: string, error: unknown): StageInputError {
  return new StageInputError(
    `${name} cannot be read: ${(error as Error).message}`,
    'make it readable (chmod +r), or copy it anew',
  );
}

function headed(name: string, head: Buffer, size: number): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  if (head.length < SHARD_HEADER_BYTES)
    throw new StageInputError(
      `${name} ends at byte ${size}, within llm.c's header of ${SHARD_HEADER_BYTES} bytes`,
      AGAIN,
    );
  const [version, tokens] = [head.readInt32LE(4), head.readInt32LE(8)];
  if (version !== SHARD_VERSION)
    throw new StageInputError(
      `${name} is of version ${version} (at byte 4); llm.c's 16-bit ids are version ${SHARD_VERSION}`,
      AGAIN,
    );
  if (tokens < 1) throw new StageInputError(`${name} counts ${tokens} tokens (at byte 8)`, AGAIN);
  const wanted = SHARD_HEADER_BYTES + tokens * 2;
  if (size < wanted)
    throw new StageInputError(
      `${name} is cut off: it ends at byte ${size}, and by the ${tokens} tokens of its header (at byte 8) it has ${wanted}`,
      AGAIN,
    );
  if (size > wanted)
    throw new StageInputError(
      `${name} has ${size} bytes, and by the ${tokens} tokens of its header (at byte 8) it ends at byte ${wanted}`,
      AGAIN,
    );
  return { layout: 'llmc', headBytes: SHARD_HEADER_BYTES, tokens };
}

function bare(name: string, size: number): Pick<ShardFile, 'layout' | 'headBytes' | 'tokens'> {
  if (size % 2)
    throw new StageInputError(
      `${name} has ${size} bytes: the one at byte ${size - 1} is half of an id of 16 bits`,
      AGAIN,
    );
  return { layout: 'nanogpt', headBytes: 0, tokens: size / 2 };
}

const AGAIN = 'copy it anew, or run again the script that wrote it';
