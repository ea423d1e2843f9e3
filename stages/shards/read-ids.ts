import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { unreadable, type ShardFile } from './shard-files.ts';

export interface ReadOptions {
  signal: AbortSignal;
  /** called after each read with the number of bytes read */
  onBytes(bytes: number): void;
}

/**
 * The ids of a file, chunk by chunk; each chunk overwrites the previous one. Throws a StageInputError that names the
 * offset of the first id outside GPT-2's vocabulary, and StageStopped when the signal aborts.
 */
export async function* readIds(shard: ShardFile, { signal, onBytes }: ReadOptions): AsyncGenerator<Uint16Array> {
  const file = await open(shard.path, 'r').catch((error: unknown) => {
    throw unreadable(shard.name, error);
  });
  const buffer = new Uint16Array(Math.min(CHUNK_IDS, shard.tokens));
  try {
    for (let done = 0; done < shard.tokens;) {
      if (signal.aborted) throw new StageStopped();
      const ids = buffer.subarray(0, Math.min(buffer.length, shard.tokens - done));
      await fill(file, ids, shard, done);
      checkIds(ids, shard, done);
      if (done === 0) checkWidth(ids, shard);
      onBytes(ids.byteLength);
      done += ids.length;
      yield ids;
    }
  } finally {
    await file.close();
  }
}

/** First and last id of a file: enough to tell whether separators come before or after the documents. */
export async function firstAndLastId(shard: ShardFile): Promise<{ first: number; last: number }> {
  const file = await open(shard.path, 'r').catch((error: unknown) => {
    throw unreadable(shard.name, error);
  });
  const id = new Uint16Array(1);
  try {
    await fill(file, id, shard, 0);
    const first = id[0]!;
    await fill(file, id, shard, shard.tokens - 1);
    return { first, last: id[0]! };
  } finally {
    await file.close();
  }
}

// -----------------------------------------------------------------------------------------------------------

const CHUNK_IDS = 1 << 19;

async function fill(file: FileHandle, ids: Uint16Array, { name, headBytes }: ShardFile, start: number): Promise<void> {
  const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
  for (let done = 0; done < bytes.length;) {
    const position = headBytes + start * 2 + done;
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position);
    if (bytesRead === 0)
      throw new StageInputError(
        `${name} ends at byte ${position}: it became shorter while it was being read`,
        'run again once the file is complete',
      );
    done += bytesRead;
  }
  if (endianness() === 'BE') bytes.swap16();
}

function checkIds(ids: Uint16Array, { name, headBytes }: ShardFile, start: number): void {
  const { title, vocabularySize } = defaultTokenizer;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < vocabularySize) continue;
    const hint = `ids must be ${title}'s (0 to ${vocabularySize - 1}), as unsigned 16-bit little-endian numbers: tiktoken's "${defaultTokenizer.name}", and numpy's dtype "<u2"`;
    throw new StageInputError(
      `${name}: id ${ids[i]} at byte ${headBytes + (start + i) * 2} is not one of ${title}'s`,
      hint,
    );
  }
}

/** Detects 32-bit or 64-bit numbers: read as 16-bit, every second id is 0, which training would not notice. */
function checkWidth(ids: Uint16Array, { name, layout }: ShardFile): void {
  if (layout === 'llmc' || ids.length < MIN_IDS_TO_JUDGE) return;
  let odd = 0;
  let even = 0;
  for (let i = 0; i < ids.length; i++) {
    if (i % 2) odd |= ids[i]!;
    else even |= ids[i]!;
  }
  if (odd === 0 && even !== 0)
    throw new StageInputError(
      `${name}: every second id, from byte 2 on, is 0, so these are 32-bit or 64-bit numbers, not 16-bit ones`,
      'write them as unsigned 16-bit numbers: numpy\'s ids.astype("<u2").tofile(…)',
    );
}

const MIN_IDS_TO_JUDGE = 64;
