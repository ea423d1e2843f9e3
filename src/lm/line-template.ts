import type { TextClass } from './token-labels.ts';

/** How a message becomes one line of the training text, e.g. the seed's `({ms}) {name}: {text}`. */
export interface LineTemplate {
  /** The template has {ms} or {s}, so a message said by someone must have a time. */
  needsTime: boolean;
  /** Without line end. A message of nobody (`from: ''`, as in plain text) is its text alone. Throws an Error if it lacks a time that is needed. */
  render(message: Message): string;
  /** The same line in pieces: what is stamp, name, text. What the template says itself belongs to the placeholder before it, or to the first one. */
  pieces(message: Message): Piece[];
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
  const faults = names.filter((name) => !PLACEHOLDERS.includes(name)).map((name) => `{${name}} is no placeholder: there are {ms}, {s}, {name} and {text}`);
  if (!names.includes('text')) faults.push('a template needs {text}');
  return faults;
}

/** `template` must be without faults. */
export function parseTemplate(template: string): LineTemplate {
  const parts = template.split(PLACEHOLDER); // literal, name, literal, name, …, literal
  const needsTime = parts.some((part, i) => i % 2 === 1 && (part === 'ms' || part === 's'));
  const pieces = (message: Message): Piece[] => {
    if (message.from === '') return [{ class: 'text', text: message.text }];
    if (needsTime && message.time === null) throw new Error(`a message without a time does not fit the template ${template}`);
    return parts.map((part, i) => {
      const literal = i % 2 === 0;
      return { class: classOf(parts[literal ? Math.max(1, i - 1) : i]!), text: literal ? part : valueOf(part, message) };
    });
  };
  return { needsTime, pieces, render: (message) => pieces(message).map(({ text }) => text).join('') };
}

const PLACEHOLDER = /\{(\w+)\}/g;
const PLACEHOLDERS = ['ms', 's', 'name', 'text'];

function classOf(placeholder: string): TextClass {
  return placeholder === 'ms' || placeholder === 's' ? 'stamp' : placeholder === 'name' ? 'name' : 'text';
}

function valueOf(placeholder: string, { from, time, text }: Message): string {
  switch (placeholder) {
    case 'ms':
      return String(time);
    case 's':
      return String(Math.floor(time! / 1000));
    case 'name':
      return from;
    default:
      return text;
  }
}
