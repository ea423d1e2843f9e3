import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { unreadable, type ShardFile } from './shard-files.ts';

export interface Reading {
  signal: AbortSignal;
  /** hears how many bytes were read */
  onBytes(bytes: number): void;
}

/**
 * The ids of a file, a piece at a time; a piece is overwritten by the next one. Throws a StageInputError with the byte
 * of the first id that is not GPT-2's, a StageStopped when the signal fires.
 */
export async function* readIds(shard: ShardFile, { signal, onBytes }: Reading): AsyncGenerator<Uint16Array> {
  const file = await open(shard.path, 'r').catch((error: unknown) => {
    throw unreadable(shard.name, error);
  });
  const piece = new Uint16Array(Math.min(PIECE_IDS, shard.tokens));
  try {
    for (let done = 0; done < shard.tokens;) {
      if (signal.aborted) throw new StageStopped();
      const ids = piece.subarray(0, Math.min(piece.length, shard.tokens - done));
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

/** First and last id of a file: enough to see on which side of a document its separator stands. */
export async function endsOf(shard: ShardFile): Promise<{ first: number; last: number }> {
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

const PIECE_IDS = 1 << 19;

async function fill(file: FileHandle, ids: Uint16Array, { name, headBytes }: ShardFile, start: number): Promise<void> {
  const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
  for (let done = 0; done < bytes.length;) {
    const position = headBytes + start * 2 + done;
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position);
    if (bytesRead === 0)
      throw new StageInputError(
        `${name} ends at byte ${position}, sooner than when it was opened`,
        'run again when it is written',
      );
    done += bytesRead;
  }
  if (endianness() === 'BE') bytes.swap16();
}

function checkIds(ids: Uint16Array, { name, headBytes }: ShardFile, start: number): void {
  const { title, vocabularySize } = defaultTokenizer;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < vocabularySize) continue;
    const hint = `the ids must be ${title}'s (0 to ${vocabularySize - 1}), unsigned, 16 bits, little-endian: tiktoken's "${defaultTokenizer.name}", and numpy's dtype "<u2"`;
    throw new StageInputError(
      `${name}: id ${ids[i]} at byte ${headBytes + (start + i) * 2} is not one of ${title}'s`,
      hint,
    );
  }
}

/** Numbers of 32 or 64 bits read as 16: behind each id stands nothing but zeros, and a training would not notice. */
function checkWidth(ids: Uint16Array, { name, layout }: ShardFile): void {
  if (layout === 'llmc' || ids.length < LEAST_TO_TELL) return;
  let odd = 0;
  let even = 0;
  for (let i = 0; i < ids.length; i++) {
    if (i % 2) odd |= ids[i]!;
    else even |= ids[i]!;
  }
  if (odd === 0 && even !== 0)
    throw new StageInputError(
      `${name}: from byte 2 on every second id is 0, so these are numbers of 32 or 64 bits, not of 16`,
      'write them as unsigned 16-bit numbers: numpy\'s ids.astype("<u2").tofile(…)',
    );
}

const LEAST_TO_TELL = 64;
