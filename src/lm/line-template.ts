import type { TextClass } from './token-labels.ts';

/** How a message becomes one line of the training text, e.g. the seed's `({ms}) {name}: {text}`. */
export interface LineTemplate {
  /** The template has {ms} or {s}, so a message said by someone must have a time. */
  needsTime: boolean;
  /**
   * Without line end. A message of nobody (`from: ''`, as in plain text) is its text alone. `before`: the time of the message before it, for
   * {gap}. Throws an Error if it lacks a time that is needed.
   */
  render(message: Message, before?: number | null): string;
  /** The same line in pieces: what is stamp, name, text. What the template says itself belongs to the placeholder before it, or to the first one. */
  pieces(message: Message, before?: number | null): Piece[];
  /** The same without making a list. */
  eachPiece(message: Message, before: number | null, take: (text: string, textClass: TextClass) => void): void;
}

export interface Piece {
  class: TextClass;
  text: string;
}

interface Message {
  from: string;
  time: number | null;
  text: string;
}

export const SEED_TEMPLATE = '({ms}) {name}: {text}';
export const UNSTAMPED_TEMPLATE = '{name}: {text}';

/** What is wrong with a template, one sentence each; empty if nothing is. */
export function templateFaults(template: string): string[] {
  const names = Array.from(template.matchAll(PLACEHOLDER), (match) => match[1]!);
  const faults = names.filter((name) => !PLACEHOLDERS.includes(name)).map((name) => `{${name}} is no placeholder: there are {ms}, {s}, {iso}, {gap}, {name} and {text}`);
  if (!names.includes('text')) faults.push('a template needs {text}');
  return faults;
}

/** `template` must be without faults. */
export function parseTemplate(template: string): LineTemplate {
  const parts = template.split(PLACEHOLDER); // literal, name, literal, name, …, literal
  const needsTime = parts.some((part, i) => i % 2 === 1 && STAMPS.includes(part));
  const classes = parts.map((_, i) => classOf(parts[i % 2 === 0 ? Math.max(1, i - 1) : i]!));
  const eachPiece: LineTemplate['eachPiece'] = (message, before, take) => {
    if (message.from === '') return take(message.text, 'text');
    if (needsTime && message.time === null) throw new Error(`a message without a time does not fit the template ${template}`);
    for (let i = 0; i < parts.length; i++) take(i % 2 === 0 ? parts[i]! : valueOf(parts[i]!, message, before), classes[i]!);
  };
  const pieces = (message: Message, before: number | null = null): Piece[] => {
    const all: Piece[] = [];
    eachPiece(message, before, (text, textClass) => all.push({ class: textClass, text }));
    return all;
  };
  return { needsTime, eachPiece, pieces, render: (message, before) => pieces(message, before).map(({ text }) => text).join('') };
}

const PLACEHOLDER = /\{(\w+)\}/g;
const STAMPS = ['ms', 's', 'iso', 'gap'];
const PLACEHOLDERS = [...STAMPS, 'name', 'text'];

function classOf(placeholder: string): TextClass {
  return STAMPS.includes(placeholder) ? 'stamp' : placeholder === 'name' ? 'name' : 'text';
}

function valueOf(placeholder: string, { from, time, text }: Message, before: number | null): string {
  switch (placeholder) {
    case 'ms':
      return String(time);
    case 's':
      return String(Math.floor(time! / 1000));
    case 'iso':
      return isoOf(time!);
    case 'gap':
      return gapOf(time! - (before ?? time!));
    case 'name':
      return from;
    default:
      return text;
  }
}

/** To the minute, in UTC: `2019-05-04 17:30`; what lies outside the calendar's four-digit years has its number of milliseconds. */
function isoOf(time: number): string {
  return time >= YEAR_0 && time < YEAR_10000 ? new Date(time).toISOString().slice(0, 16).replace('T', ' ') : String(time);
}

const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

/** How long after the message before, in its largest whole unit: `0s`, `42s`, `5m`, `3h`, `12d`. */
function gapOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
