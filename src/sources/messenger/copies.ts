import type { Message } from '../../artifacts/conversations.ts';
import type { MessengerThread } from './layout.ts';

/**
 * Returns a function that tells whether a message is new, given the copies of the thread read so far. Someone may write
 * "ok" twice in one minute, so identical messages within one copy all count. Only repeats in another copy do not: two
 * in each of two copies are two messages.
 */
export function newInCopy({ files }: MessengerThread): (message: Message, copy: string) => boolean {
  if (files.every(({ copy }) => copy === files[0]!.copy)) return () => true;
  const kept = new Map<string, number>();
  const inCopy = new Map<string, Map<string, number>>();
  return ({ from, time, text }, copy) => {
    const key = `${time}\0${from}\0${text}`;
    if (!inCopy.has(copy)) inCopy.set(copy, new Map());
    const counts = inCopy.get(copy)!;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count <= (kept.get(key) ?? 0)) return false;
    kept.set(key, count);
    return true;
  };
}
