import { parseHeader } from '../../artifacts/tokens/header.ts';
import { openTokens, type TokenReader } from '../../artifacts/tokens/tokens.ts';
import { clockAfter, type Clock } from '../../chat/clock.ts';
import { lineFormOf, type LineForm } from '../../chat/line-form.ts';
import { acquaint, type Acquaintance } from '../../chat/people.ts';
import { engineChoice, whileOpening } from '../../engine/open-engine.ts';
import { cachedReader, cacheLengths, type AppendingReader } from '../../generation/cached-reader.ts';
import { findModel, type FoundModel, type TrainedOn } from '../find/find-model.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { runsDirectory } from '../runs-directory.ts';
import { UsageError } from '../verb.ts';
import type { Partners } from './chat-partners.ts';
import { openModel, type OpenModel } from './open-model.ts';

/** What is known of a trained model's chats before its weights are read. */
export interface Chats {
  found: FoundModel;
  trainedOn: TrainedOn;
  tokens: TokenReader;
  acquaintance: Acquaintance;
  form: LineForm;
}

/** Throws a UsageError if nobody can talk with this model. */
export function findChats(named: string): Chats {
  const found = findModel(runsDirectory(), named);
  const [trainedOn] = found.tokens;
  if (!trainedOn)
    throw new UsageError(
      `the tokens that ${found.name}/${found.stage} was trained on are gone, so nobody's name is known`,
    );
  const tokens = openTokens(trainedOn.dir);
  return { found, trainedOn, tokens, acquaintance: acquaint(tokens), form: formOf(tokens.index.template) };
}

/** A model that is ready to talk. */
export interface Talk extends Pick<OpenModel, 'about' | 'tokenizer' | 'step'> {
  context: number;
  /** ids that end a text */
  stopIds: number[];
  /** id that ends a conversation; null if only text ends one */
  separator: number | null;
  reader: AppendingReader;
  clockOf(partners: Partners, start: number | null): Clock;
  /** the ids before the first line of a conversation; `pinned`: those that stay when the context is full */
  beginningOf(partners: Partners, time: number): { opening: number[]; pinned: number[] };
}

/** Loads the model for texts in so many rows, and closes everything afterwards. */
export async function withTalk(
  { found, trainedOn, tokens, acquaintance }: Chats,
  rows: number,
  use: (talk: Talk) => Promise<void>,
): Promise<void> {
  await prepareEngine((text) => console.error(text));
  await whileOpening({ ...engineChoice('tensorflow', 'fp32'), wideVectors: true }, async (engineOpening) => {
    const { about, model, tokenizer, step, read, close } = openModel(found, 'best');
    try {
      const engine = await engineOpening;
      const { context } = model.config;
      const { ending, separator } = tokens.index;
      const lengths = cacheLengths(model, rows, context);
      await use({
        about,
        tokenizer,
        step,
        context,
        stopIds: model.stopIds(tokenizer.separator),
        separator: ending === 'separator' ? separator : null,
        reader: cachedReader({ engine, model, read, rows, precision: 'fp32', lengths }),
        clockOf: ({ user, person }, start) => clockAfter(acquaintance.latestBetween(user, person, tokenizer), start),
        beginningOf(partners, time) {
          const header = tokenizer.encode(headerText(trainedOn, partners, time));
          const opening = [separator, ...header];
          return { opening, pinned: header.length > 0 ? opening : [] };
        },
      });
    } finally {
      close();
      tokens.close();
    }
  });
}

// ---------------------------------------------------------------------------

/** Tokens from elsewhere have no template. */
function formOf(template: string): LineForm {
  try {
    return lineFormOf(template === '' ? '{text}' : template);
  } catch (error) {
    throw new UsageError(`this model cannot chat: ${(error as Error).message}`);
  }
}

/** The line before a conversation, if the model was trained on one. */
function headerText({ params }: TrainedOn, { user, person }: Partners, time: number): string {
  const header = parseHeader((params?.['header'] as string | undefined) ?? '');
  return header === null ? '' : `${header.render({ people: [user, person], time, messages: USUAL_MESSAGES })}\n`;
}

/** How long the conversation will be, as a header may say. Nobody knows yet. */
const USUAL_MESSAGES = 20;
