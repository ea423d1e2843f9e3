import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CONVERSATIONS_FILE, type Conversation, type Message } from './conversations.ts';

/** The beginning of a conversation. */
export interface Excerpt {
  id: string;
  /** at most twelve messages, each of at most 400 characters */
  first: Message[];
  /** how many messages come after these */
  more: number;
}

/**
 * The beginnings of at most ten conversations, at even distances in the file, of which the rest is not read. A
 * conversation of more than 16 MB is passed over. `count`: how many there are.
 */
export async function excerptsOf(dir: string, count: number): Promise<Excerpt[]> {
  const file = await open(join(dir, CONVERSATIONS_FILE), 'r');
  try {
    const { size } = await file.stat();
    const excerpts: Excerpt[] = [];
    let next = 0;
    for (let number = 0; number < MOST && next < size; number++) {
      const from = count <= MOST ? next : Math.max(next, Math.floor((size / MOST) * number));
      // a position inside a conversation means the one after it
      const start = from === next ? next : (await lineAt(file, from - 1))?.end;
      const line = start === undefined ? null : await lineAt(file, start);
      if (line === null) continue;
      next = line.end;
      excerpts.push(excerpt(JSON.parse(line.text) as Conversation));
    }
    return excerpts;
  } finally {
    await file.close();
  }
}

// ---------------------------------------------------------------------------

const MOST = 10;
const MOST_MESSAGES = 12;
const MOST_CHARACTERS = 400;
const BLOCK = 64 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;
const LF = 10;

function excerpt({ id, messages }: Conversation): Excerpt {
  const first = messages.slice(0, MOST_MESSAGES).map((message) => ({
    ...message,
    text: message.text.length > MOST_CHARACTERS ? `${message.text.slice(0, MOST_CHARACTERS)}…` : message.text,
  }));
  return { id, first, more: messages.length - first.length };
}

/** The text from a position to the next LF, and the position after that; null if it is too long or has no end. */
async function lineAt(file: FileHandle, start: number): Promise<{ text: string; end: number } | null> {
  const blocks: Buffer[] = [];
  for (let at = start; at - start < LONGEST_LINE; at += BLOCK) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK), 0, BLOCK, at);
    const end = buffer.subarray(0, bytesRead).indexOf(LF);
    blocks.push(buffer.subarray(0, end < 0 ? bytesRead : end));
    if (end >= 0) return { text: Buffer.concat(blocks).toString('utf8'), end: at + end + 1 };
    if (bytesRead < BLOCK) return null;
  }
  return null;
}
