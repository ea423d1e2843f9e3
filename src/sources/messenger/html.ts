import { Parser } from 'htmlparser2';
import { englishDate } from '../time/english-date.ts';
import { findDateStyle, type DateStyle } from '../time/local-date.ts';
import { readDate, dateMs } from '../time/page-dates.ts';
import { htmlLines, type LineSink } from './html-lines.ts';
import { zoneClock } from '../time/local-time.ts';
import { messagesByClass, elementRole, type HtmlFound, type HtmlMessage } from './html-classes.ts';
import { messagesByPosition } from './html-positions.ts';
import type { RawMessage } from './message.ts';
import type { SourceOptions } from '../source-options.ts';

export type HtmlElement =
  | { kind: 'message'; raw: RawMessage }
  | { kind: 'dropped'; reason: string }
  /** at most once each: the page has times without a zone, or bytes that are not valid UTF-8 */
  | { kind: 'assumed zone' }
  | { kind: 'broken characters' }
  /** always last */
  | { kind: 'end'; trouble: string | null };

/**
 * The messages of one page of an HTML export, newest first as on the page. Reads the classes of 2018 to 2021 and those
 * since 2022, and, in English, pages with other classes if the position of sender, text and date is unambiguous.
 * `style`: how dates that are not in English are written. Never throws because of the content; memory is bounded by the
 * longest message.
 */
export async function* htmlMessages(
  chunks: AsyncIterable<Buffer>,
  timeZone: string,
  style: DateStyle | null = null,
): AsyncGenerator<HtmlElement> {
  const page = openPage();
  const toRaw = rawConverter(timeZone, style);
  let messages = 0;
  let trouble: string | null = null;
  const reported = new Set<string>();
  const once = (kind: 'assumed zone' | 'broken characters', applies: boolean): HtmlElement[] =>
    applies && !reported.has(kind) && reported.add(kind) ? [{ kind }] : [];
  const foundElements = function* (): Generator<HtmlElement> {
    for (const finding of page.take()) {
      if (finding.kind === 'lost') yield { kind: 'dropped', reason: finding.reason };
      else {
        const { raw, zoned } = toRaw(finding.message);
        if (raw.time === null && messages === 0 && style === null) trouble = OTHER_LANGUAGE;
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
      yield* foundElements();
      if (trouble !== null) break;
    }
    if (trouble === null) {
      page.end();
      yield* foundElements();
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
  'its dates cannot be read in any known language: download the export in JSON, or once more with Facebook set to English';
const UNKNOWN =
  'HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON';

/**
 * How the dates of a page are written; null if they are in English, or cannot be read. Reads a page in English only up
 * to its first message.
 */
export async function pageDateStyle(
  chunks: AsyncIterable<Buffer>,
  order?: SourceOptions['dateOrder'],
): Promise<DateStyle | null> {
  const page = openPage();
  const finder = findDateStyle(order);
  try {
    for await (const chunk of chunks) {
      page.write(chunk);
      for (const finding of page.take()) {
        if (finding.kind === 'lost') continue;
        if (englishDate(finding.message.date) !== null) return null;
        finder.add(finding.message.date);
      }
    }
  } catch {
    // Reading the page for its messages reports the reason.
  }
  return finder.style();
}

interface Page {
  /** Returns whether the chunk has bytes that are not valid UTF-8. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** Returns the findings since the last call. */
  take(): HtmlFound[];
  /** Why the page could not be read completely; call it after `end`. */
  trouble(): string | null;
}

/** Finds messages by position until the first known class, then by class. A real page never needs both. */
function openPage(): Page {
  let found: HtmlFound[] = [];
  let known = false;
  let empty = true;
  const byClass = messagesByClass((finding) => found.push(finding));
  const byPosition = messagesByPosition((finding) => known || found.push(finding));
  const isKnown = (attributes: Record<string, string>): boolean => elementRole(attributes) !== null;
  const both: LineSink = {
    open(name, attributes) {
      known ||= isKnown(attributes);
      byClass.open(name, attributes);
      byPosition.open(name, attributes);
    },
    close: (isImplied) => (byClass.close(isImplied), byPosition.close(isImplied)),
    line: (text) => (byClass.line(text), known || byPosition.line(text)),
    link: (href) => (byClass.link(href), byPosition.link(href)),
    file: (uri) => (byClass.file(uri), byPosition.file(uri)),
    tooLong: () => (byClass.tooLong(), byPosition.tooLong()),
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
      byPosition.end();
    },
    take() {
      const taken = found;
      found = [];
      return taken;
    },
    trouble: () =>
      empty
        ? 'empty file'
        : !known && !byPosition.knowsParticipants()
          ? UNKNOWN
          : isComplete()
            ? null
            : 'cut off: the page ends too early',
  };
}

function rawConverter(
  timeZone: string,
  style: DateStyle | null,
): (message: HtmlMessage) => { raw: RawMessage; zoned: boolean } {
  const clock = zoneClock(timeZone);
  return ({ from, text, date, carries, share, reactions }) => {
    const written = readDate(date, style);
    const time = written === null ? null : dateMs(written, clock);
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
      zoned: typeof written?.zoneMinutes === 'number',
    };
  };
}
