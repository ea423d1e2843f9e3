import { setImmediate } from 'node:timers/promises';
import { ONE_PASS_FROM } from '../lm/generation/generate.ts';
import type { AppendingReader } from './cached-reader.ts';
import type { Row } from './row.ts';

/** The rows of one reader, for several texts that are written at the same time: they share each step. */
export interface SharedRows {
  /**
   * A row of one's own. Waits while all are taken; those who ask first get one first. When the signal aborts, waiting
   * and reading throw its reason.
   */
  take(signal: AbortSignal): Promise<TakenRow>;
  /** how many wait for a row */
  waiting(): number;
}

export interface TakenRow extends Row {
  /** Gives the row back. What was read in it counts no longer. */
  release(): void;
}

interface Request {
  row: number;
  ids: number[];
  start: number;
  done(logits: Float32Array): void;
  fail(error: unknown): void;
}

/**
 * One token of every row that wants one is read per step. Longer pieces of text are read one after the other, each in
 * one pass. So what a row gets does not depend on what the others read.
 */
export function sharedRows(reader: AppendingReader, context: number): SharedRows {
  const places = new Array<number>(reader.rows).fill(0);
  const free = [...places.keys()];
  const queue: ((row: number) => void)[] = [];
  const requests: Request[] = [];
  let working = false;

  const work = async (): Promise<void> => {
    if (working) return;
    working = true;
    while (requests.length > 0) {
      await setImmediate(); // texts that have just got a token ask for the next one first
      const long = requests.findIndex(({ ids }) => ids.length > 1);
      const batch = long >= 0 ? requests.splice(long, 1) : requests.splice(0);
      try {
        const logits = long >= 0 ? [await readPiece(batch[0]!)] : await readTokens(batch);
        batch.forEach(({ done }, index) => done(logits[index]!));
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    working = false;
  };
  const readPiece = ({ row, ids, start }: Request): Promise<Float32Array> =>
    start === 0 && ids.length >= ONE_PASS_FROM ? reader.prompt(ids, [row]) : reader.append(ids, row, start);
  const readTokens = async (batch: Request[]): Promise<Float32Array[]> => {
    const ids = new Int32Array(reader.rows);
    // A row that reads nothing now gets a token where its next one will be, which overwrites it.
    const positions = Int32Array.from(places, (place) => Math.min(place, context - 1));
    for (const {
      row,
      ids: [id],
      start,
    } of batch) {
      ids[row] = id!;
      positions[row] = start;
    }
    const logits = await reader.tokens(ids, positions);
    return batch.map(({ row }) => logits[row]!);
  };

  const takenRow = (row: number, signal: AbortSignal): TakenRow => {
    places[row] = 0;
    return {
      context,
      place: () => places[row]!,
      async read(ids) {
        signal.throwIfAborted();
        const start = places[row]!;
        places[row] = start + ids.length;
        return new Promise((done, fail) => {
          requests.push({ row, ids, start, done, fail });
          void work();
        });
      },
      setBack(place) {
        if (place > places[row]!) throw new RangeError(`cannot go back from ${places[row]} to ${place}`);
        places[row] = place;
      },
      release() {
        places[row] = 0;
        const next = queue.shift();
        if (next) next(row);
        else free.push(row);
      },
    };
  };

  return {
    waiting: () => queue.length,
    async take(signal) {
      signal.throwIfAborted();
      const row = free.shift() ?? (await nextInQueue(queue, signal));
      return takenRow(row, signal);
    },
  };
}

// ---------------------------------------------------------------------------

function nextInQueue(queue: ((row: number) => void)[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      queue.splice(queue.indexOf(got), 1);
      reject(signal.reason as Error);
    };
    const got = (row: number): void => {
      signal.removeEventListener('abort', leave);
      resolve(row);
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.push(got);
  });
}
