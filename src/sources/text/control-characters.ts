import type { Conversation } from '../../artifacts/conversations.ts';

export interface Cleaned {
  conversation: Conversation;
  /** messages that had control characters */
  cleaned: number;
  /** messages that consisted of them, and are left out */
  emptied: number;
}

/** A conversation without control characters, which nobody types. */
export function withoutControls({ id, messages }: Conversation): Cleaned {
  let cleaned = 0;
  const clean = messages.map((message) => {
    if (!CONTROL.test(message.from) && !CONTROL.test(message.text)) return message;
    cleaned++;
    return { ...message, from: plain(message.from).trim(), text: plain(message.text) };
  });
  const kept = clean.filter(({ text }, index) => text.trim() !== '' || messages[index]!.text.trim() === '');
  return { conversation: { id, messages: kept }, cleaned, emptied: messages.length - kept.length };
}

/** A quick test of a line of conversations.jsonl. It may also be true of a line without any. */
export const mayHaveControls = (line: string): boolean => line.includes('\\u00') || line.includes('\x7f');

// ---------------------------------------------------------------------------

const CONTROL = /[\x00-\x08\x0e-\x1f\x7f]/;
const ALL_CONTROLS = /[\x00-\x08\x0e-\x1f\x7f]/g;
/** What a terminal takes for a colour or a movement: its letters belong to it. */
const SEQUENCE = /\x1b\[[0-9;?]*[@-~]/g;

const plain = (text: string): string => text.replace(SEQUENCE, '').replace(ALL_CONTROLS, '');
