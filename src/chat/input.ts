import type { Chat } from './chat.ts';
import type { TurnEvent } from './turn.ts';

/** What the user does in a chat. The same inputs, seed and model give the same chat. */
export type ChatInput =
  /** `seconds`: since the line before; null: the usual time */
  | { kind: 'say'; messages: string[]; seconds: number | null }
  /** takes back the latest exchange, and says this instead */
  | { kind: 'edit'; messages: string[]; seconds: number | null }
  | { kind: 'again' | 'more' | 'undo' | 'new' }
  | { kind: 'self'; lines: number }
  | { kind: 'as' | 'with'; name: string };

export async function* answer(chat: Chat, input: ChatInput): AsyncGenerator<TurnEvent> {
  switch (input.kind) {
    case 'say':
      return yield* chat.say(input.messages, input.seconds);
    case 'edit':
      await chat.undo();
      return yield* chat.say(input.messages, input.seconds);
    case 'again':
      return yield* chat.again();
    case 'more':
      return yield* chat.more();
    case 'self':
      return yield* chat.self(input.lines);
    case 'undo':
      return void (await chat.undo());
    case 'new':
      return chat.fresh();
    case 'as':
      chat.settings.user = input.name;
      return;
    case 'with':
      chat.settings.person = input.name;
  }
}
