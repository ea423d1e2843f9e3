import type { TextClass } from '../../src/tokenizer/token-labels.ts';

/** How a message becomes one line of the training text, e.g. the seed's `({ms}) {name}: {text}`. */
export interface LineTemplate {
  /** The template has {ms} or another placeholder of the time, so a message said by someone must have one. */
  needsTime: boolean;
  parts: TemplatePart[];
  /**
   * Without line end. A message of nobody (`from: ''`, as in plain text) is its text alone. `before`: the time of the
   * message before it, for {gap}. Throws an Error if it lacks a time that is needed.
   */
  render(message: Message, before?: number | null): string;
  /** The same line in pieces: what is stamp, name, text. */
  pieces(message: Message, before?: number | null): Piece[];
}

/** What the template says itself, or what stands for something of the message. */
export interface TemplatePart {
  /** of what the template says itself: that of the placeholder before it, or of the first one */
  class: TextClass;
  literal: string;
  placeholder: Placeholder | null;
}

export type Placeholder = Stamp | 'name' | 'text';
export type Stamp = 'ms' | 's' | 'iso' | 'gap';

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
  const faults = names
    .filter((name) => !PLACEHOLDERS.includes(name))
    .map((name) => `{${name}} is no placeholder: there are {ms}, {s}, {iso}, {gap}, {name} and {text}`);
  if (!names.includes('text')) faults.push('a template needs {text}');
  return faults;
}

/** `template` must be without faults. */
export function parseTemplate(template: string): LineTemplate {
  const parts = partsOf(template);
  const needsTime = parts.some(({ placeholder }) => STAMPS.includes(placeholder as Stamp));
  const pieces = (message: Message, before: number | null = null): Piece[] => {
    if (message.from === '') return [{ class: 'text', text: message.text }];
    if (needsTime && message.time === null)
      throw new Error(`a message without a time does not fit the template ${template}`);
    return parts.map((part) => ({
      class: part.class,
      text: part.placeholder === null ? part.literal : valueOf(part.placeholder, message, before),
    }));
  };
  return {
    needsTime,
    parts,
    pieces,
    render: (message, before) =>
      pieces(message, before)
        .map(({ text }) => text)
        .join(''),
  };
}

/** `before`: the time of the message before, NaN if there is none. */
export function stampText(stamp: Stamp, time: number, before: number): string {
  switch (stamp) {
    case 'ms':
      return String(time);
    case 's':
      return String(Math.floor(time / 1000));
    case 'iso':
      return isoOf(time);
    case 'gap':
      return gapOf(Number.isNaN(before) ? 0 : time - before);
  }
}

const PLACEHOLDER = /\{(\w+)\}/g;
const STAMPS: Stamp[] = ['ms', 's', 'iso', 'gap'];
const PLACEHOLDERS: string[] = [...STAMPS, 'name', 'text'] satisfies Placeholder[];

function partsOf(template: string): TemplatePart[] {
  const split = template.split(PLACEHOLDER); // literal, name, literal, name, …, literal
  const parts = split.map((part, i): TemplatePart => {
    const tokenClass = classOf(split[i % 2 === 0 ? Math.max(1, i - 1) : i]!);
    return i % 2 === 0
      ? { class: tokenClass, literal: part, placeholder: null }
      : { class: tokenClass, literal: '', placeholder: part as Placeholder };
  });
  return parts.filter(({ literal, placeholder }) => literal !== '' || placeholder !== null);
}

function classOf(placeholder: string): TextClass {
  return STAMPS.includes(placeholder as Stamp) ? 'stamp' : placeholder === 'name' ? 'name' : 'text';
}

function valueOf(placeholder: Placeholder, { from, time, text }: Message, before: number | null): string {
  if (placeholder === 'name') return from;
  return placeholder === 'text' ? text : stampText(placeholder, time!, before ?? NaN);
}

/**
 * To the minute, in UTC: `2019-05-04 17:30`; what lies outside the calendar's four-digit years has its number of
 * milliseconds.
 */
function isoOf(time: number): string {
  return time >= YEAR_0 && time < YEAR_10000
    ? new Date(time).toISOString().slice(0, 16).replace('T', ' ')
    : String(time);
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
