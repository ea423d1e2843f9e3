import { Parser } from 'htmlparser2';
import { englishDate } from '../time/english-date.ts';
import { htmlLines, type LineSink } from './html-lines.ts';
import { zoneClock } from '../time/local-time.ts';
import { messagesByClass, roleOf, type HtmlFound, type HtmlMessage } from './html-classes.ts';
import { messagesByPlace } from './html-places.ts';
import type { RawMessage } from './message.ts';

export type HtmlPiece =
  | { kind: 'message'; raw: RawMessage }
  | { kind: 'dropped'; reason: string }
  /** once each: the page gives times without their zone, or has bytes that are no UTF-8 */
  | { kind: 'assumed zone' }
  | { kind: 'broken characters' }
  /** the last piece */
  | { kind: 'end'; trouble: string | null };

/**
 * The messages of one page of an HTML export, newest first as they stand there: the classes of 2018 to 2021 and of 2022
 * on, and pages of other classes where the place of sender, text and date leaves no doubt. Dates in English. Never
 * throws for what the bytes are; memory is bounded by the longest message.
 */
export async function* htmlMessages(chunks: AsyncIterable<Buffer>, timeZone: string): AsyncGenerator<HtmlPiece> {
  const page = openPage();
  const toRaw = rawOf(timeZone);
  let messages = 0;
  let trouble: string | null = null;
  const told = new Set<string>();
  const once = (kind: 'assumed zone' | 'broken characters', holds: boolean): HtmlPiece[] =>
    holds && !told.has(kind) && told.add(kind) ? [{ kind }] : [];
  const pieces = function* (): Generator<HtmlPiece> {
    for (const one of page.take()) {
      if (one.kind === 'lost') yield { kind: 'dropped', reason: one.reason };
      else {
        const { raw, zoned } = toRaw(one.message);
        if (raw.time === null && messages === 0) trouble = OTHER_LANGUAGE;
        if (trouble !== null) return;
        yield* once('assumed zone', !zoned);
        messages++;
        yield { kind: 'message', raw };
      }
    }
  };
  try {
    for await (const chunk of chunks) {
      yield* once('broken characters', page.write(chunk));
      yield* pieces();
      if (trouble !== null) break;
    }
    if (trouble === null) {
      page.end();
      yield* pieces();
    }
  } catch (error) {
    trouble = (error as Error).message;
  }
  trouble ??= page.trouble() ?? (messages === 0 ? 'no messages in it' : null);
  yield {
    kind: 'end',
    trouble:
      trouble !== null && messages > 0
        ? `${trouble}; ${messages.toLocaleString('en')} messages before that are read`
        : trouble,
  };
}

const OTHER_LANGUAGE =
  'its dates are not in English: download the export in JSON, or once more with Facebook set to English';
const UNKNOWN =
  'HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON';

interface Page {
  /** Returns whether there were bytes that are no UTF-8. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** What was found since the last time. */
  take(): HtmlFound[];
  /** after the end */
  trouble(): string | null;
}

/** Read by its classes from the first known one on, by places before: the two never meet on a real page. */
function openPage(): Page {
  let found: HtmlFound[] = [];
  let known = false;
  let empty = true;
  const byClass = messagesByClass((one) => found.push(one));
  const byPlace = messagesByPlace((one) => known || found.push(one));
  const isKnown = (attributes: Record<string, string>): boolean => roleOf(attributes) !== null;
  const both: LineSink = {
    open(name, attributes) {
      known ||= isKnown(attributes);
      byClass.open(name, attributes);
      byPlace.open(name, attributes);
    },
    close: (isImplied) => (byClass.close(isImplied), byPlace.close(isImplied)),
    line: (text) => (byClass.line(text), known || byPlace.line(text)),
    link: (href) => (byClass.link(href), byPlace.link(href)),
    file: (uri) => (byClass.file(uri), byPlace.file(uri)),
    tooLong: () => (byClass.tooLong(), byPlace.tooLong()),
  };
  const { handler, isComplete } = htmlLines(both, isKnown);
  const parser = new Parser(handler);
  const decoder = new TextDecoder('utf-8');
  return {
    write(chunk) {
      empty &&= chunk.length === 0;
      const text = decoder.decode(chunk, { stream: true });
      parser.write(text);
      return text.includes('\ufffd');
    },
    end() {
      parser.end(decoder.decode());
      byClass.end();
      byPlace.end();
    },
    take() {
      const taken = found;
      found = [];
      return taken;
    },
    trouble: () =>
      empty
        ? 'empty file'
        : !known && !byPlace.knowsParticipants()
          ? UNKNOWN
          : isComplete()
            ? null
            : 'cut off: the page ends too early',
  };
}

function rawOf(timeZone: string): (message: HtmlMessage) => { raw: RawMessage; zoned: boolean } {
  const clock = zoneClock(timeZone);
  return ({ from, text, date, carries, share, reactions }) => {
    const written = englishDate(date);
    const zone = written?.zoneMinutes ?? null;
    const time =
      written === null
        ? null
        : zone === null
          ? clock(written)
          : Date.UTC(written.year, written.month - 1, written.day, written.hour, written.minute, written.second) -
            zone * 60_000;
    return {
      raw: {
        from,
        time,
        text,
        carries,
        share,
        unsent: /^(You|.{1,80}) unsent a message\.?$/.test(text),
        system: false,
        reactions,
      },
      zoned: zone !== null,
    };
  };
}
