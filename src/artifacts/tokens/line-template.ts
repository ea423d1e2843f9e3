import type { TextClass } from '../../tokenizer/token-labels.ts';

/** Renders a message as one line of the training text, e.g. by `({ms}) {name}: {text}`. */
export interface LineTemplate {
  /** Whether the template uses {ms} or another time placeholder. Then every message by a named person needs a time. */
  needsTime: boolean;
  parts: TemplatePart[];
  /**
   * The line without its line end. A message from nobody (`from: ''`, as in plain text) is rendered as its text alone.
   * `before` is the time of the previous message, for {gap}. Throws an Error if the message lacks a required time.
   */
  render(message: Message, before?: number | null): string;
  /** The same line in pieces that are stamp, name or text. */
  pieces(message: Message, before?: number | null): Piece[];
}

/** A literal, or a placeholder for a field of the message. */
export interface TemplatePart {
  /** a literal has the class of the placeholder before it, or of the first placeholder if it comes before that */
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

/** The line format of the 2019 blog post that this project reproduces. */
export const SEED_TEMPLATE = '({ms}) {name}: {text}';
export const UNSTAMPED_TEMPLATE = '{name}: {text}';

/** The errors in a template, one sentence each; empty if there are none. */
export function templateFaults(template: string): string[] {
  const names = Array.from(template.matchAll(PLACEHOLDER), (match) => match[1]!);
  const faults = names
    .filter((name) => !PLACEHOLDERS.includes(name))
    .map((name) => `{${name}} is not a placeholder; use {ms}, {s}, {iso}, {gap}, {name} or {text}`);
  if (!names.includes('text')) faults.push('a template must contain {text}');
  return faults;
}

/** Expects a template without errors. */
export function parseTemplate(template: string): LineTemplate {
  const parts = partsOf(template);
  const needsTime = parts.some(({ placeholder }) => STAMPS.includes(placeholder as Stamp));
  const pieces = (message: Message, before: number | null = null): Piece[] => {
    if (message.from === '') return [{ class: 'text', text: message.text }];
    if (needsTime && message.time === null)
      throw new Error(`the template ${template} cannot render a message without a time`);
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

/** `before` is the time of the previous message, or NaN if there is none. */
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
 * `2019-05-04 17:30`, in UTC. A time outside the four-digit years is rendered as its number of milliseconds.
 */
function isoOf(time: number): string {
  return time >= YEAR_0 && time < YEAR_10000
    ? new Date(time).toISOString().slice(0, 16).replace('T', ' ')
    : String(time);
}

const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

/** A duration in whole units of the largest that fits: `0s`, `42s`, `5m`, `3h`, `12d`. */
function gapOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
