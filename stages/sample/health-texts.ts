import type { Conversation } from '../../src/held-out/conversation.ts';
import { writtenLines, type SaidLine } from '../../src/held-out/written-lines.ts';
import { below, type Random } from '../../src/lm/random/random.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import type { SampleRecord } from '../../src/generation/texts.ts';
import type { HeldOut } from './held-out.ts';

/** How texts are cut, whoever wrote them. */
export interface Cuts {
  /** tokens after the prompt */
  most: number;
  stop: readonly string[];
}

/** The lines of a sample: one text, or one for each conversation that the model wrote. */
export function sampledTexts(
  { prompt, text, tokens, stopped }: SampleRecord,
  { ending, reading: { tokenizer, reader } }: Pick<HeldOut, 'ending' | 'reading'>,
  hasHeader: boolean,
): SaidLine[][] {
  const written = conversationsIn(tokens, ending, tokenizer);
  const decoded = tokenizer.decode(tokens);
  const isWhole = stopped === 'separator' || (stopped === 'stop' && decoded.startsWith('\n', text.length));
  const last = written.length - 1;
  written[last] = written[last]!.slice(0, Math.max(0, written[last]!.length - (decoded.length - text.length)));
  return written.map((one, i) =>
    writtenLines({ prompt: i === 0 ? prompt : '', text: one, isCut: i === last && !isWhole }, reader).slice(
      hasHeader ? 1 : 0,
    ),
  );
}

/**
 * The lines of a held-out conversation as if a model had written them after as many lines as the prompt has, as far as
 * there are so many: cut in the same way. Null if lines of it do not read back.
 */
export function realText(
  { lines }: Conversation,
  {
    prompt,
    cuts,
    random,
  }: { prompt: { lines: number; isOpen: boolean; isStart: boolean }; cuts: Cuts; random: Random },
  { tokenizer, reader }: HeldOut['reading'],
): SaidLine[] | null {
  const all = lines.filter((line) => line !== null);
  if (all.length < lines.length || all.length === 0) return null;
  const before = Math.min(prompt.lines, all.length - 1);
  const first = prompt.isStart ? before : before + below(random, all.length - before);
  const head = prompt.isOpen ? all[first]!.head : '';
  const textFrom = (start: number, end?: number): string =>
    all
      .slice(start, end)
      .map(({ whole }) => `${whole}\n`)
      .join('');
  const ids = tokenizer.encode(textFrom(first).slice(head.length));
  const text = tokenizer.decode(ids.slice(0, cuts.most)).replace(/\uFFFD+$/, '');
  const stops = cuts.stop.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  const end = stops.length === 0 ? text.length : Math.min(...stops);
  return writtenLines(
    {
      prompt: `${textFrom(first - before, first)}${head}`,
      text: text.slice(0, end),
      isCut: !text.startsWith('\n', end),
    },
    reader,
  );
}

// ---------------------------------------------------------------------------

/** The texts between the endings of conversations. */
function conversationsIn(ids: readonly number[], ending: HeldOut['ending'], tokenizer: Tokenizer): string[] {
  const { separator } = tokenizer;
  const ends = ids.flatMap((id, i) => (id === separator ? [i] : []));
  const texts = [...ends, ids.length].map((end, i) => tokenizer.decode(ids.slice(i === 0 ? 0 : ends[i - 1]! + 1, end)));
  if (ids.at(-1) === separator) texts.pop();
  return ENDING[ending] === null ? texts : texts.flatMap((text) => text.split(ENDING[ending]!));
}

const ENDING: Record<HeldOut['ending'], string | null> = {
  separator: null,
  blankLines: '\n\n\n',
  sevenTokens: defaultTokenizer.separatorText,
};
