import type { Message } from '../../artifacts/conversations.ts';
import type { MessengerThread } from './layout.ts';

/**
 * Whether a message is one more than the other copies of the thread had: someone may well say «ok» twice in one minute,
 * so that two of them in one copy are two, and two in each of two copies are two as well.
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
