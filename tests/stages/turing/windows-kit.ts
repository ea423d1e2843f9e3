import { lineReader, type LineReader } from '../../../src/held-out/line-reader.ts';
import type { Conversation, RealLine } from '../../../src/held-out/conversation.ts';
import { windowsIn, type Window } from '../../../stages/turing/real/windows.ts';
import { below, randomAt } from '../../../src/lm/random/random.ts';
import { gpt2Encoding } from '../model-kit.ts';

export const PEOPLE = ['Ann', 'Ben', 'Cleo: the cat'];

export const readerOf = (template: string): LineReader => lineReader(template, new Set(PEOPLE));

const WORDS =
  'well yes no maybe the a garden tomorrow we could bring some bread and cheese if it rains again then my sister stays at home, right? Fine! ok 😀 see you'.split(
    ' ',
  );

/** Invented conversations, each line another one. */
export function conversations(count: number, reader: LineReader, lines = 14): Conversation[] {
  return Array.from({ length: count }, (_, document) => {
    const random = randomAt(7, document, 'questions');
    const all = Array.from({ length: lines }, (__, i): RealLine => {
      const speaker = 1 + below(random, 2);
      const words = Array.from({ length: 3 + below(random, 9) }, () => WORDS[below(random, WORDS.length)]!);
      const line = {
        stamps: [String(1_500_000_000 + document * 1000 + i * 7)],
        who: PEOPLE[speaker - 1]!,
        text: words.join(' '),
      };
      const whole = reader
        .pieces(line)
        .map(({ text }) => text)
        .join('')
        .slice(0, -1);
      return { ...reader.parse(whole)!, speaker };
    });
    return { document, header: '', lines: all, people: reader.hasNames ? PEOPLE.slice(0, 2) : [''] };
  });
}

export function windowsOf(
  count: number,
  reader: LineReader,
  wanted: { context: number; lines: number } = { context: 4, lines: 3 },
): Window[] {
  return conversations(count, reader).flatMap((conversation) => {
    const [window] = windowsIn(conversation, { seed: 1, mostTokens: 1024, ...wanted }, gpt2Encoding());
    return typeof window === 'object' ? [window] : [];
  });
}
