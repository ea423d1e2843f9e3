/** A line before a conversation that says what it is, e.g. `# {people}, {date}`. */
export interface Header {
  render(about: AboutConversation): string;
}

export interface AboutConversation {
  /** names, in the order of their first message; nobody is none */
  people: string[];
  /** of the first message that has one; NaN if none has */
  time: number;
  messages: number;
}

export const HEADER_PLACEHOLDERS = ['people', 'date', 'messages'];

/** What is wrong with it, one sentence each; empty if nothing is. */
export function headerFaults(header: string): string[] {
  const unknown = Array.from(header.matchAll(PLACEHOLDER), (match) => match[1]!).filter(
    (name) => !HEADER_PLACEHOLDERS.includes(name),
  );
  const faults = unknown.map(
    (name) => `{${name}} is no placeholder of a header: there are {people}, {date} and {messages}`,
  );
  return header.includes('\n') ? [...faults, 'a header is one line'] : faults;
}

/** `header` must be without faults; null if it is empty. */
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

/** In UTC; empty without a time, or with one outside the calendar. */
function dayOf(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().split('T')[0]! : '';
}
