import type { ChatInput } from '../../chat/input.ts';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';

/** What a line that the user typed means. */
export type Typed =
  | ChatInput
  | { kind: 'save'; path: string }
  | { kind: 'help' }
  | { kind: 'health' }
  | { kind: 'quit' }
  | { kind: 'wrong'; why: string };

export const COMMANDS: [form: string, about: string][] = [
  ['/again', 'another answer'],
  ['/more', 'another message of the same person'],
  ['/undo', 'take back your latest messages and the answer'],
  ['/edit TEXT', 'take them back and write this instead'],
  ['/as NAME', 'be somebody else'],
  ['/with NAME', 'talk with somebody else'],
  ['/self N', 'let the model write N lines of everybody'],
  ['/new', 'begin another conversation'],
  ['/save FILE', 'write the chat to a file, and what follows'],
  ['/health', 'compare the lines that the model wrote with real ones'],
  ['/quit', 'end (also Ctrl-D)'],
];

/** `seconds`: since the line before; null: the usual time. */
export function typed(line: string, seconds: number | null): Typed {
  if (!line.startsWith('/')) return { kind: 'say', messages: [line], seconds };
  if (line.startsWith('//')) return { kind: 'say', messages: [line.slice(1)], seconds };
  const [, word = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line)!;
  const wrong = (form: string): Typed => ({ kind: 'wrong', why: `write ${form}` });
  switch (word) {
    case 'again':
    case 'more':
    case 'undo':
    case 'new':
    case 'help':
    case 'health':
    case 'quit':
      return { kind: word };
    case 'edit':
      return rest === '' ? wrong('/edit TEXT') : { kind: 'edit', messages: [rest], seconds };
    case 'self':
      return /^[1-9]\d{0,3}$/.test(rest) ? { kind: 'self', lines: Number(rest) } : wrong('/self N, such as /self 6');
    case 'save':
      return rest === '' ? wrong('/save FILE') : { kind: 'save', path: rest };
    case 'as':
    case 'with':
      return rest === '' ? wrong(`/${word} NAME`) : { kind: word, name: rest };
    default: {
      const near = nearest(
        word,
        COMMANDS.map(([form]) => form.slice(1).split(' ')[0]!),
      );
      return {
        kind: 'wrong',
        why: `there is no command /${word}${near === null ? '' : `; did you mean /${near}?`} (all: /help; // begins a message with a slash)`,
      };
    }
  }
}
