import { logHead } from './line.ts';
import type { LogHead } from './log-head.ts';
import { hasSender, sentLine } from './sender.ts';
import type { LogSurvey } from './survey.ts';

/** A line that begins as messages of this log do, but with a time of day that does not exist, such as 25:61. */
export interface ImpossibleHead {
  head: LogHead;
  /** whether somebody wrote it who is known from other lines; otherwise it may be a joke that somebody typed */
  isSent: boolean;
}

/** Null if the line does not begin like that. Its date is one that does not exist, so that the message has no time. */
export function impossibleHead(line: string, { begins, senders }: LogSurvey): ImpossibleHead | null {
  const head = logHead(line.replace(TIME, '$<date>00:00'));
  if (head === null || !begins(head) || !hasSender(head.rest)) return null;
  const from = sentLine(head.rest, senders)?.from;
  return {
    head: { ...head, date: [NaN, NaN, NaN] },
    isSent:
      from !== undefined &&
      [from, from.split(':', 1)[0]!].some((name) => senders.spaced.has(name) || senders.tight.has(name)),
  };
}

const TIME =
  /^(?<date>[[(]?\p{Nd}{1,4}\s?[./-]\s?\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{1,4}(?!\p{Nd})[^\p{Nd}]{1,24}?)\p{Nd}{1,2}[:.]\p{Nd}{2}(?:[:.]\p{Nd}{2})?(?!\p{Nd})/u;
