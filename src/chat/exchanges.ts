import type { ChatInput } from './input.ts';

/** A line of a chat. */
export interface ChatLine {
  from: string;
  text: string;
  /** whether the model wrote it, as whoever */
  isWritten: boolean;
}

/** What stands in a chat after all inputs, without what was taken back. */
export interface Exchanges {
  /** Follows an input; what the model then writes is its answer. `user`: who writes the messages. */
  input(input: ChatInput, user: string): void;
  /** The model wrote a line. */
  line(from: string, text: string): void;
  /** The model ended the conversation. */
  conversationEnd(): void;
  /** each conversation, in its order */
  conversations(): ChatLine[][];
}

export function exchanges(): Exchanges {
  /** conversations before a /new, whose exchanges cannot be taken back any more */
  const past: ChatLine[][] = [];
  let open: Exchange[] = [];
  return {
    input(input, user) {
      const last = open.at(-1);
      if (input.kind === 'again' && last) Object.assign(last, { answer: [], isEnd: false });
      if (input.kind === 'undo' || input.kind === 'edit') open.pop();
      if (input.kind === 'say' || input.kind === 'edit')
        open.push(
          exchangeOf(
            input.messages.filter((message) => message.trim() !== ''),
            user,
          ),
        );
      if (input.kind === 'more' || input.kind === 'self') open.push(exchangeOf([], user));
      if (input.kind !== 'new') return;
      past.push(...conversationsOf(open));
      open = [];
    },
    line: (from, text) => void open.at(-1)?.answer.push({ from, text, isWritten: true }),
    conversationEnd() {
      const last = open.at(-1);
      if (last) last.isEnd = true;
    },
    conversations: () => [...past, ...conversationsOf(open)],
  };
}

// ---------------------------------------------------------------------------

interface Exchange {
  messages: ChatLine[];
  answer: ChatLine[];
  /** whether the conversation ended with it */
  isEnd: boolean;
}

const exchangeOf = (messages: string[], from: string): Exchange => ({
  messages: messages.map((text) => ({ from, text, isWritten: false })),
  answer: [],
  isEnd: false,
});

function conversationsOf(all: readonly Exchange[]): ChatLine[][] {
  const found: ChatLine[][] = [[]];
  for (const { messages, answer, isEnd } of all) {
    found.at(-1)!.push(...messages, ...answer);
    if (isEnd) found.push([]);
  }
  return found.filter((lines) => lines.length > 0);
}
