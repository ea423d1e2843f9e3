/** What stands before and after the colon of a line: `Ann: hi`. */
export interface SentLine {
  from: string;
  text: string;
}

/** How often each text before a colon occurs in a log. It may be the name of a person, or part of an app line. */
export interface Senders {
  /** before `: `, or a colon that ends the line */
  spaced: Map<string, Spaced>;
  /** before a colon without a space: `Bob:Hi` */
  tight: Map<string, number>;
  lines: { spaced: number; tight: number };
  /** names that were judged already → whether they are part of an app line */
  judged: Map<string, boolean>;
}

interface Spaced {
  lines: number;
  /** the longer name up to a second colon, if all lines have the same: `Dr: Who` in `Dr: Who: hi`; null if they differ */
  longer: string | null;
}

export function newSenders(): Senders {
  return { spaced: new Map(), tight: new Map(), lines: { spaced: 0, tight: 0 }, judged: new Map() };
}

/** Returns whether somebody is named. */
export function countSender(rest: string, senders: Senders): boolean {
  const name = plainName(rest);
  if (name !== null) {
    countSpaced(senders.spaced, name, rest);
    senders.lines.spaced++;
    return true;
  }
  const { spaced, tight } = candidates(rest);
  if (tight !== null) count(senders.tight, tight.from);
  if (spaced !== null) countSpaced(senders.spaced, spaced.from, rest);
  if (tight !== null && spaced === null) senders.lines.tight++;
  else if (spaced !== null) senders.lines.spaced++;
  return spaced !== null || tight !== null;
}

/** The person who wrote a line and what they wrote; null if the app wrote it. */
export function sentLine(rest: string, senders: Senders): SentLine | null {
  const name = plainName(rest);
  if (name !== null) {
    if (senders.judged.get(name) === false) return { from: name, text: rest.slice(name.length + 2) };
    const known = senders.spaced.get(name);
    if (known && isLongName(known)) return split(rest, known.longer!.length, 2);
  }
  const { spaced, tight } = candidates(rest);
  const sent = tight !== null && isTightSender(tight, spaced, senders) ? tight : spaced;
  if (sent === null) return null;
  let isApp = senders.judged.get(sent.from);
  if (isApp === undefined) {
    isApp = isAppLine(sent.from, senders);
    if (senders.judged.size < MOST_NAMES) senders.judged.set(sent.from, isApp);
  }
  return isApp ? null : sent;
}

/** Whether somebody's name seems to hold a colon. */
export function hasLongNames({ spaced }: Senders): boolean {
  return [...spaced.values()].some(isLongName);
}

/** Few people begin three messages, and all of theirs, with the same words and a colon. App lines are no names. */
function isLongName({ lines, longer }: Spaced): boolean {
  return lines >= 3 && longer !== null && !APP_WORDS.test(longer) && (longer.match(QUOTES)?.length ?? 0) % 2 === 0;
}

/** Whether the log has a colon after somebody's name in this line. */
export function hasSender(rest: string): boolean {
  const { spaced, tight } = candidates(rest);
  return spaced !== null || tight !== null;
}

const LONGEST_NAME_CHARS = 100;
/** Enough for the largest group. */
const MOST_NAMES = 20_000;

function count(counts: Map<string, number>, name: string): void {
  const known = counts.get(name);
  if (known !== undefined) counts.set(name, known + 1);
  else if (counts.size < MOST_NAMES) counts.set(name, 1);
}

function countSpaced(counts: Map<string, Spaced>, name: string, rest: string): void {
  const known = counts.get(name);
  if (known !== undefined) {
    known.lines++;
    if (known.longer !== null && known.longer !== longerName(rest, name)) known.longer = null;
  } else if (counts.size < MOST_NAMES) counts.set(name, { lines: 1, longer: longerName(rest, name) });
}

function longerName(rest: string, name: string): string | null {
  const end = rest.indexOf(': ', name.length + 2);
  return end === -1 || end > LONGEST_NAME_CHARS ? null : rest.slice(0, end);
}

/** The commonest case: a name, a colon and a space. */
function plainName(rest: string): string | null {
  const end = rest.indexOf(':');
  if (end < 1 || end > LONGEST_NAME_CHARS || rest.charCodeAt(end + 1) !== SPACE) return null;
  const name = rest.slice(0, end);
  return rest.charCodeAt(0) === SPACE || rest.charCodeAt(end - 1) === SPACE ? null : name;
}

const SPACE = 0x20;

function candidates(rest: string): { spaced: SentLine | null; tight: SentLine | null } {
  const first = rest.indexOf(':');
  if (first === -1) return NOBODY;
  if (isSpaceAt(rest, first + 1)) return { spaced: split(rest, first, 2), tight: null };
  let end = rest.indexOf(': ', first + 1);
  if (end === -1 && rest.endsWith(':')) end = rest.length - 1;
  const isTight = !/\p{Nd}$/u.test(rest.slice(0, first)) && !rest.startsWith('//', first + 1);
  return { spaced: end === -1 ? null : split(rest, end, 2), tight: isTight ? split(rest, first, 1) : null };
}

const NOBODY = { spaced: null, tight: null };

function isSpaceAt(text: string, index: number): boolean {
  return index === text.length || text[index] === ' ';
}

function split(rest: string, end: number, colon: number): SentLine | null {
  const from = rest.slice(0, end).trim();
  return from === '' || from.length > LONGEST_NAME_CHARS ? null : { from, text: rest.slice(end + colon) };
}

/** `Bob:Hi` is of Bob if Bob is known, or if the log often has no space there. `Re:Mix: hi` is of Re:Mix. */
function isTightSender({ from, text }: SentLine, spaced: SentLine | null, senders: Senders): boolean {
  const times = senders.tight.get(from) ?? 0;
  if (spaced !== null && senders.spaced.get(spaced.from)?.lines === times && times > 1) return false;
  // A name with a full stop alone is how some exports write that there is no text.
  if (senders.spaced.has(from)) return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
  if (spaced !== null && times < 2) return false;
  return times > 1 || senders.lines.tight * 4 >= senders.lines.spaced;
}

/** Group names in app lines may have colons: `Ann created group "a: b"`. Whoever keeps writing is a person. */
function isAppLine(name: string, { spaced, tight }: Senders): boolean {
  if ((name.match(QUOTES)?.length ?? 0) % 2 === 1) return true;
  if (!APP_WORDS.test(name) || (spaced.get(name)?.lines ?? 0) + (tight.get(name) ?? 0) > 1) return false;
  if (/^(You\b|\+?\d[\d ()-]{5,})/.test(name)) return true;
  return [...spaced.keys()].some((other) => other !== name && name.startsWith(`${other} `));
}

const QUOTES = /["“”„«»]/g;
const APP_WORDS =
  /\b(created (this )?group|changed (the|their|this|to)|added|removed|left|joined|pinned|turned (on|off)|You're now|security code)\b/;
