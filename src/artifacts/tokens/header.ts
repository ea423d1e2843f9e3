/** A line before a conversation that describes it, e.g. `# {people}, {date}`. */
export interface Header {
  render(about: AboutConversation): string;
}

export interface AboutConversation {
  /** names, in the order of their first messages, without nobody ('') */
  people: string[];
  /** time of the first message that has one, in milliseconds since 1970; NaN if none has */
  time: number;
  messages: number;
}

export const HEADER_PLACEHOLDERS = ['people', 'date', 'messages'];

/** The errors in a header, one sentence each; empty if there are none. */
export function headerFaults(header: string): string[] {
  const unknown = Array.from(header.matchAll(PLACEHOLDER), (match) => match[1]!).filter(
    (name) => !HEADER_PLACEHOLDERS.includes(name),
  );
  const faults = unknown.map((name) => `{${name}} is not a header placeholder; use {people}, {date} or {messages}`);
  return header.includes('\n') ? [...faults, 'a header must be a single line'] : faults;
}

/** Expects a header without errors. Returns null if it is empty. */
export function parseHeader(header: string): Header | null {
  return header === ''
    ? null
    : { render: (about) => header.replace(PLACEHOLDER, (_, name: string) => valueOf(name, about)) };
}

const PLACEHOLDER = /\{(\w+)\}/g;

function valueOf(placeholder: string, { people, time, messages }: AboutConversation): string {
  switch (placeholder) {
    case 'people':
      return people.join(', ');
    case 'date':
      return dayOf(time);
    default:
      return String(messages);
  }
}

/** `2019-05-04`, in UTC; empty for NaN or a time outside the range of JavaScript's dates. */
function dayOf(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().split('T')[0]! : '';
}
