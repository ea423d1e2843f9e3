import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../pipeline/events.ts';
import { canonical } from '../../pipeline/plan/key.ts';
import type { Digest, Key } from '../../pipeline/plan/key.ts';
import { keyDir, readPreImage, workDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import type { WrittenParams } from '../../../stages/train/params/params.ts';

/** How fast a model was trained on this machine. */
export interface Speed {
  tokensPerSecond: number;
  /** when it was measured, in milliseconds since 1970 */
  timeMs: number;
}

interface Training {
  /** as written: of given weights, the pre-image of a key has only the digest */
  params: Pick<WrittenParams, 'model' | 'precision' | 'recompute' | 'optimizer' | 'freeze'>;
  sources: Record<string, Digest>;
  /** library, threads and processor: those of another machine differ */
  environment: Record<string, string> | null;
}

/** The speed of the newest training of a model of this shape with this machine; null if there is none. */
export function measuredSpeed(store: Store, training: Training): Speed | null {
  const wanted = workOf(training);
  for (const key of latestKeys(store)) {
    const preImage = readPreImage(store, key);
    if (preImage?.kind !== 'train') continue;
    const { params, sources, environment } = preImage;
    if (workOf({ params: params as unknown as Training['params'], sources, environment }) !== wanted) continue;
    const speed =
      lastSpeed(join(keyDir(store, key), 'events.jsonl')) ?? lastSpeed(join(workDir(store, key), 'events.jsonl'));
    if (speed !== null) return speed;
  }
  return null;
}

// ---------------------------------------------------------------------------

/** What decides how long a token takes. The size of a batch changes little. */
function workOf({ params, sources, environment }: Training): string {
  const { model, precision, recompute, optimizer, freeze } = params;
  const shape = model ?? sources; // the shape comes with the weights
  return canonical({ shape, precision, recompute, optimizer: optimizer.kind, freeze, environment });
}

/** The keys that stages had when they last ran, those of the newest pipelines first. A plan must not read thousands. */
function latestKeys(store: Store): Key[] {
  const dir = join(store.dir, 'last');
  const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  const newest = files
    .map((name) => ({ name, timeMs: statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.timeMs - a.timeMs);
  const keys = new Set<Key>();
  for (const { name } of newest.slice(0, MOST_KEYS)) {
    const pipeline = decodeURIComponent(name.slice(0, -'.jsonl'.length));
    for (const key of [...store.last.keysOf(pipeline).values()].toReversed()) keys.add(key);
    if (keys.size >= MOST_KEYS) break;
  }
  return [...keys].slice(0, MOST_KEYS);
}

const MOST_KEYS = 100;

/** The median of the last measurements in a file of events. */
function lastSpeed(path: string): Speed | null {
  const points = eventsAtEnd(path).flatMap((event) =>
    event.kind === 'metric' && event.name === 'train/tokens_per_second' ? [event] : [],
  );
  const last = points.at(-1);
  if (last === undefined) return null;
  const sorted = points.map(({ value }) => value).toSorted((a, b) => a - b);
  return { tokensPerSecond: sorted[sorted.length >> 1]!, timeMs: last.time };
}

/** Those in the last part of the file, which may be long. */
function eventsAtEnd(path: string): RecordedEvent[] {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(fd);
    const part = Buffer.alloc(Math.min(size, END_BYTES));
    readSync(fd, part, 0, part.length, size - part.length);
    return part
      .toString('utf8')
      .split('\n')
      .filter((line) => line.includes('"train/tokens_per_second"'))
      .flatMap((line) => parsed(line));
  } finally {
    closeSync(fd);
  }
}

const END_BYTES = 2 ** 16;

/** The first and the last line may be incomplete. */
function parsed(line: string): RecordedEvent[] {
  try {
    return [JSON.parse(line) as RecordedEvent];
  } catch {
    return [];
  }
}
