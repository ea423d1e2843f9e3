import type { LineReader, ParsedLine } from '../../../src/held-out/line-reader.ts';
import { shown, type ShownText } from './shown.ts';
import type { Window } from './windows.ts';

/** A text that was read back from what a model wrote, or why it cannot be shown. */
export type ReadText = { lines: ShownText[]; faults: string[] } | { reason: string };

/** Faults of form that people would see in raw text, although stamps and links are not shown. */
export const FORM_FAULTS = ['stamps backwards', 'digits lost', 'repeated line', 'looping link'] as const;

/**
 * Reads lines back, in the same way whoever wrote them. `written` begins with the head of the first line. With
 * `isWhole`, it ends with a line end.
 */
export function readText(
  written: string,
  { window, reader, lines }: { window: Window; reader: LineReader; lines: number },
): ReadText {
  if (written.includes('\uFFFD')) return { reason: 'broken character' };
  const raw = written.split('\n').slice(0, -1);
  const parsed: ParsedLine[] = [];
  for (const line of raw) {
    const read = readLine(line, window, reader);
    if (typeof read === 'string') return { reason: read };
    parsed.push(read);
  }
  if (parsed.length !== lines) return { reason: parsed.length < lines ? 'ended early' : 'unreadable line' };
  const text = parsed.map(({ who, text: said }) => ({ who, text: shown(said) }));
  if (text.some((line) => line.text === '')) return { reason: 'empty line' };
  const stamps = [...window.context, ...parsed].map((line) => line.stamps);
  const faults = FORM_FAULTS.filter((fault) =>
    checks[fault](
      text,
      stamps,
      parsed.map((line) => line.text),
    ),
  );
  return { lines: text, faults };
}

/** A whole line, or why no text with it can be shown. */
export function readLine(line: string, { people }: Pick<Window, 'people'>, reader: LineReader): ParsedLine | string {
  const parsed = reader.parse(line);
  if (!parsed) return 'unreadable line';
  return people.includes(parsed.who) ? parsed : "stranger's name";
}

// ---------------------------------------------------------------------------

type Check = (text: readonly ShownText[], stamps: readonly string[][], raw: readonly string[]) => boolean;

const checks: Record<(typeof FORM_FAULTS)[number], Check> = {
  'stamps backwards': (_, stamps) =>
    stamps.some((line, i) => i > 0 && line.some((stamp, j) => isTime(stamp) && isEarlier(stamp, stamps[i - 1]![j]!))),
  'digits lost': (_, stamps) =>
    stamps.some(
      (line, i) => i > 0 && line.some((stamp, j) => isTime(stamp) && stamp.length < stamps[i - 1]![j]!.length),
    ),
  'repeated line': (text) => text.some((line, i) => text.slice(0, i).some((other) => other.text === line.text)),
  'looping link': (_, __, raw) => raw.some((text) => /(?:https?:|www\.)\S*?(\S{3,})\1{2}/iu.test(text)),
};

/** A gap has a unit and may be shorter than the one before. */
const isTime = (stamp: string): boolean => !/[smhd]$/.test(stamp);
const isEarlier = (stamp: string, before: string): boolean =>
  stamp.includes(' ') ? stamp < before : Number(stamp) < Number(before);
