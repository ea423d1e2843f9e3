import type { Conversation } from '../../src/artifacts/conversations.ts';

/** A line before a conversation that says what it is, e.g. `# {people}, {date}`. */
export interface Header {
  render(conversation: Conversation): string;
}

export const HEADER_PLACEHOLDERS = ['people', 'date', 'messages'];

/** What is wrong with it, one sentence each; empty if nothing is. */
export function headerFaults(header: string): string[] {
  const unknown = Array.from(header.matchAll(PLACEHOLDER), (match) => match[1]!).filter((name) => !HEADER_PLACEHOLDERS.includes(name));
  const faults = unknown.map((name) => `{${name}} is no placeholder of a header: there are {people}, {date} and {messages}`);
  return header.includes('\n') ? [...faults, 'a header is one line'] : faults;
}

/** `header` must be without faults; null if it is empty. */
export function parseHeader(header: string): Header | null {
  return header === '' ? null : { render: (conversation) => header.replace(PLACEHOLDER, (_, name: string) => valueOf(name, conversation)) };
}

const PLACEHOLDER = /\{(\w+)\}/g;

function valueOf(placeholder: string, { messages }: Conversation): string {
  switch (placeholder) {
    case 'people':
      return [...new Set(messages.map(({ from }) => from).filter((from) => from !== ''))].join(', ');
    case 'date':
      return dayOf(messages.find(({ time }) => time !== null)?.time ?? null);
    default:
      return String(messages.length);
  }
}

/** In UTC; empty without a time, or with one outside the calendar. */
function dayOf(time: number | null): string {
  return time !== null && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().split('T')[0]! : '';
}
