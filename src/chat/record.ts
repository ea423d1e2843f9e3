import { appendFileSync, writeFileSync } from 'node:fs';
import { readText } from '../files/read-file.ts';
import { UserError } from '../pipeline/diagnostic/user-error.ts';
import type { ChatSettings } from './chat.ts';
import type { ChatInput } from './input.ts';

/** A saved chat: JSON lines. The first says what is needed to write it again; then inputs, each with its answer. */
export interface SavedChat {
  head: ChatHead;
  inputs: ChatInput[];
}

export const CHAT_FORMAT = 'chat-runner/chat/1';

export interface ChatHead {
  chat: typeof CHAT_FORMAT;
  /** run and stage, and the step of the weights */
  model: string;
  step: number;
  settings: ChatSettings;
  /** start of the clock; null: after the latest conversation */
  clock: string | null;
  /** whether replies were looked for in the training text */
  recite?: true;
}

/** Remembers a chat from its start, so that it can be saved at any moment. */
export interface ChatRecord {
  input(input: ChatInput): void;
  line(from: string, text: string): void;
  /** So many tokens in a row of the lines since the latest input are from the training text. */
  recited(tokens: number): void;
  /** Writes the whole chat to a new file, and what follows as it comes. Throws a UserError if the file exists. */
  saveTo(path: string): void;
}

export function chatRecord(head: ChatHead): ChatRecord {
  const lines = [JSON.stringify(head)];
  let file: string | null = null;
  const add = (value: object): void => {
    lines.push(JSON.stringify(value));
    if (file !== null) appendFileSync(file, `${lines.at(-1)!}\n`);
  };
  return {
    input: (input) => add({ input }),
    line: (from, text) => add({ from, text }),
    recited: (tokens) => add({ recited: tokens }),
    saveTo(path) {
      try {
        writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const why = code === 'EEXIST' ? `${path} exists; choose another name` : `cannot write ${path}: ${message}`;
        throw new UserError(why, { cause: error });
      }
      file = path;
    },
  };
}

/** Throws a UserError that names the file, or the line that cannot be read. */
export function readRecord(path: string): SavedChat {
  const lines = textOf(path).split('\n').filter(Boolean);
  const values = lines.map((line, index): Record<string, unknown> => {
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw new UserError(`${path}:${index + 1} is not a line of JSON`);
    }
  });
  const [head, ...rest] = values;
  if (head?.['chat'] !== CHAT_FORMAT) throw new UserError(`${path} is not a chat that --save wrote`);
  return {
    head: head as unknown as ChatHead,
    inputs: rest.flatMap(({ input }) => (input === undefined ? [] : [input as ChatInput])),
  };
}

// ---------------------------------------------------------------------------

function textOf(path: string): string {
  const text = readText(path);
  if (text === null) throw new UserError(`there is no file ${path}`);
  return text;
}
