import { openTokenizer } from '../../../../tokenizer/open-tokenizer.ts';
import { parseTemplate } from '../../../../artifacts/tokens/line-template.ts';
import type { LineTemplate } from '../../../../artifacts/tokens/line-template.ts';
import type { TrainedOn } from '../trained-on.ts';
import { newestStamps, type Stamps } from './newest-stamps.ts';
import { twoPeople, type TwoPeople } from './two-people.ts';

/** The line template of a run, for programs that know only the roles `user` and `assistant`. */
export interface ChatFormat {
  people: TwoPeople;
  /** the line of each, without its line end: the pieces before, between and after the places of the text */
  user: string[];
  assistant: string[];
}

/** The chat format, or null and a note that says why there is none. */
export function chatFormatOf({ tokens }: TrainedOn): { format: ChatFormat | null; notes: string[] } {
  const without = (why: string) => ({
    format: null,
    notes: [`${why}, so there is no chat format: give the model the beginning of a text, which it continues`],
  });
  const main = tokens.find(({ index }) => index.template !== '');
  if (!main) return without('the tokens of this run have no line template');
  const people = twoPeople(main);
  if (people === null) return without('fewer than two people write in this run');
  const template = parseTemplate(main.index.template);
  const stamps = template.needsTime ? newestStamps(main.dir, template, openTokenizer(main.index.tokenizer)) : {};
  if (stamps === null)
    return without('no line at the end of the training text shows the times that the template needs');
  const notes = [
    ...(template.needsTime
      ? ['a chat has no times, so every line has that of the last line of the training text']
      : []),
    ...(main.header === '' ? [] : ['the header line of the conversations is left out of the chat format']),
    ...(main.index.speakers.length > 2
      ? [`of ${main.index.speakers.length} people, the chat format has the two who share most conversations`]
      : []),
  ];
  return {
    format: {
      people,
      user: pieces(template, people.user, stamps),
      assistant: pieces(template, people.assistant, stamps),
    },
    notes,
  };
}

/**
 * What stands before the assistant's text, which the program writes and the model continues. It ends before a blank,
 * because the tokens of most words begin with one.
 */
export const assistantHead = ({ assistant }: ChatFormat): string => assistant[0]!.trimEnd();

// ---------------------------------------------------------------------------

function pieces({ parts }: LineTemplate, name: string, stamps: Stamps): string[] {
  const found = [''];
  for (const { literal, placeholder } of parts) {
    if (placeholder === 'text') found.push('');
    else
      found[found.length - 1] += placeholder === null ? literal : placeholder === 'name' ? name : stamps[placeholder]!;
  }
  return found;
}
