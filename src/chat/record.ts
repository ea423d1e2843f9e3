import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../pipeline/diagnostic/user-error.ts';
import type { ChatSettings } from './chat.ts';
import type { ChatInput } from './input.ts';

/** A saved chat: JSON lines. The first says what is needed to write it again; then inputs, each with its answer. */
export interface SavedChat {
  head: ChatHead;
  inputs: ChatInput[];
}

export interface ChatHead {
  chat: 'chat-runner/chat/1';
  /** run and stage, and the step of the weights */
  model: string;
  step: number;
  settings: ChatSettings;
  /** start of the clock; null: after the latest conversation */
  clock: string | null;
}

export interface ChatRecord {
  input(input: ChatInput): void;
  line(from: string, text: string): void;
}

/** Begins a file; throws a UserError if there is one already. */
export function beginRecord(path: string, head: ChatHead): ChatRecord {
  if (existsSync(path)) throw new UserError(`${path} exists; choose another name, so that nothing is lost`);
  writeFileSync(path, `${JSON.stringify(head)}\n`, { mode: 0o600 });
  const append = (value: object): void => appendFileSync(path, `${JSON.stringify(value)}\n`);
  return { input: (input) => append({ input }), line: (from, text) => append({ from, text }) };
}

/** Throws a UserError that names the line that cannot be read. */
export function readRecord(path: string): SavedChat {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const values = lines.map((line, index): Record<string, unknown> => {
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw new UserError(`${path}:${index + 1} is not a line of JSON`);
    }
  });
  const [head, ...rest] = values;
  if (head?.['chat'] !== 'chat-runner/chat/1') throw new UserError(`${path} is not a chat that --save wrote`);
  return {
    head: head as unknown as ChatHead,
    inputs: rest.flatMap(({ input }) => (input === undefined ? [] : [input as ChatInput])),
  };
}
