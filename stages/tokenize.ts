/**
 * tokenize: conversations in, GPT-2's token ids out.
 *
 * A conversation is rendered message by message through the template, one line each, every line ended by LF; its ids are followed by the
 * separator 50256, which text can never make. Which side a conversation falls on is a hash of its rendered text: two that are the same
 * are never on both sides, and no other conversation moves it.
 */
import { createHash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { readConversations, type Conversation, type Message } from '../src/artifacts/conversations.ts';
import { openTokensWriter } from '../src/artifacts/tokens.ts';
import type { SplitName, TokensIndex } from '../src/artifacts/tokens-index.ts';
import { VOCABULARY_DIGEST, readVocabulary } from '../src/artifacts/vocabulary.ts';
import { createEncoding } from '../src/lm/encoding.ts';
import { labelOf, labelsOf, type Stretch } from '../src/lm/token-labels.ts';
import { SEED_TEMPLATE, UNSTAMPED_TEMPLATE, parseTemplate, templateFaults, type LineTemplate } from '../src/lm/line-template.ts';
import { StageInputError, StageStopped, defineStage, type StageContext } from './define-stage.ts';

// --- params ------------------------------------------------------------------------------------------------

const params = Type.Object(
  {
    template: Type.String({ default: SEED_TEMPLATE, description: 'the line of a message: {ms} or {s} its time in milliseconds or seconds, {name}, {text}' }),
    validation: Type.Number({ minimum: 0, maximum: 0.5, default: 0.05, description: 'share of conversations held out of training' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 1337, description: 'another seed holds out other conversations' }),
  },
  { additionalProperties: false },
);
const runtime = Type.Object({}, { additionalProperties: false });

// --- contract ----------------------------------------------------------------------------------------------

export const tokenize = defineStage({
  kind: 'tokenize',
  version: 2,
  summary: "renders conversations as lines and encodes them with GPT-2's encoding, split into train and validation",
  params,
  runtime,
  sources: [],
  inputs: { conversations: 'conversations' },
  output: 'tokens',
  computes: false,
  check: ({ template }) => templateFaults(template).map((message) => ({ path: 'template', message })),
  run,
});

// --- run ---------------------------------------------------------------------------------------------------

type Context = StageContext<{ template: string; validation: number; seed: number }, object>;

async function run(context: Context): Promise<void> {
  const { params, inputs, outDir, emit, signal } = context;
  const dir = inputs['conversations']!;
  const template = parseTemplate(params.template);
  const survey = await surveyOf(dir, template, context);
  const rule = splitRule(survey, params.validation);
  if (rule.kind === 'tail') {
    const which = survey.conversations === 1 ? 'there is one conversation: its last lines are' : 'all conversations are alike: the last lines of each are';
    emit({ kind: 'note', text: `${which} held out` });
  }

  const vocabulary = readVocabulary();
  const encoding = createEncoding(vocabulary.vocabJson, vocabulary.mergesText);
  const tokenizer = { name: 'gpt2', vocabulary: VOCABULARY_DIGEST };
  const { vocabularySize, separator } = encoding;
  const writer = openTokensWriter(outDir, { tokenizer, vocabularySize, separator, template: params.template });
  const speakers = new Map<string, number>();
  const progress = progressOf(survey.bytes, emit);
  try {
    for await (const conversation of readConversations(dir)) {
      if (signal.aborted) throw new StageStopped();
      for (const { split, text, first, end } of documentsOf(linesOf(conversation, template), rule, params.seed)) {
        const ids = encoding.encode(text);
        const stretches = conversation.messages.slice(first, end).flatMap((message) => stretchesOf(message, template, speakers));
        const bytes = stretches.reduce((sum, stretch) => sum + stretch.bytes, 0);
        writer.append(split, ids, bytes, { ids: labelsOf(ids, encoding.byteLength, stretches), separator: labelOf('separator', 0) });
        progress(bytes);
      }
    }
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const index = writer.close([...speakers.keys()]);
  progress(0, 'last');
  emit({ kind: 'note', text: totals(index) });
  if (params.validation > 0 && index.splits.validation.documents === 0) {
    emit({ kind: 'warning', text: 'nothing is held out: there is one conversation of one line' });
  }
}

// --- rendering ---------------------------------------------------------------------------------------------

/** Every line ends with LF, the last one too, so that the end of a message looks the same wherever it stands. */
function linesOf({ messages }: Conversation, template: LineTemplate): string[] {
  return messages.map((message) => `${template.render(message)}\n`);
}

/** The same line as stretches of stamp, name and text; its end belongs to the text, for who ends a message also decides that. */
function stretchesOf(message: Message, template: LineTemplate, speakers: Map<string, number>): Stretch[] {
  if (message.from !== '' && !speakers.has(message.from)) speakers.set(message.from, speakers.size + 1);
  const speaker = speakers.get(message.from) ?? 0;
  const stretches = template.pieces(message).map((piece) => ({ bytes: Buffer.byteLength(piece.text), label: labelOf(piece.class, speaker) }));
  return [...stretches, { bytes: 1, label: labelOf('text', speaker) }];
}

// --- splitting ---------------------------------------------------------------------------------------------

export interface Survey {
  conversations: number;
  /** UTF-8 bytes of all rendered text */
  bytes: number;
  /** least and greatest of the conversations' places in [0, 1) */
  least: number;
  greatest: number;
}

export type SplitRule =
  /** validation: the conversations whose place lies below */
  | { kind: 'below'; bound: number }
  /** the one conversation's last lines, at least this share of its bytes */
  | { kind: 'tail'; share: number };

/** Where a text stands in [0, 1): 48 bits of a hash of the seed and the text. */
export function placeOf(text: string, seed: number): number {
  return createHash('sha256').update(`${seed}\n${text}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** Both sides get something wherever that is possible: if the hash leaves one empty, the conversation nearest to the bound moves. */
export function splitRule({ least, greatest }: Survey, validation: number): SplitRule {
  if (validation === 0) return { kind: 'below', bound: 0 };
  if (least === greatest) return { kind: 'tail', share: validation };
  if (least >= validation) return { kind: 'below', bound: least + 2 ** -48 };
  if (greatest < validation) return { kind: 'below', bound: greatest };
  return { kind: 'below', bound: validation };
}

/** Lines `first` up to, not including, `end` of a conversation. */
export interface Document {
  split: SplitName;
  text: string;
  first: number;
  end: number;
}

export function documentsOf(lines: string[], rule: SplitRule, seed: number): Document[] {
  const part = (split: SplitName, first: number, end: number): Document => ({ split, text: lines.slice(first, end).join(''), first, end });
  switch (rule.kind) {
    case 'below':
      return [part(placeOf(lines.join(''), seed) < rule.bound ? 'validation' : 'train', 0, lines.length)];
    case 'tail': {
      const cut = tailStart(lines, rule.share);
      return [part('train', 0, cut), part('validation', cut, lines.length)].filter(({ text }) => text !== '');
    }
  }
}

/** The last line at which at least this share of the bytes is left, but the first line stays outside. */
function tailStart(lines: string[], share: number): number {
  const bytes = lines.map((line) => Buffer.byteLength(line));
  const wanted = share * bytes.reduce((sum, length) => sum + length, 0);
  let cut = lines.length;
  for (let tail = 0; cut > 1 && tail < wanted; ) tail += bytes[--cut]!;
  return cut;
}

/** A first reading: sizes, the ends of the split, and whatever does not fit the template, before anything is written. */
async function surveyOf(dir: string, template: LineTemplate, { params, signal }: Context): Promise<Survey> {
  const survey: Survey = { conversations: 0, bytes: 0, least: Infinity, greatest: -Infinity };
  for await (const conversation of readConversations(dir)) {
    if (signal.aborted) throw new StageStopped();
    survey.conversations++;
    if (template.needsTime) checkTimes(conversation, survey.conversations, params.template);
    const text = linesOf(conversation, template).join('');
    const place = placeOf(text, params.seed);
    survey.bytes += Buffer.byteLength(text);
    survey.least = Math.min(survey.least, place);
    survey.greatest = Math.max(survey.greatest, place);
  }
  if (survey.conversations === 0) throw new StageInputError('there are no conversations to encode', 'look at report.json of the ingest stage: it says what was dropped and why');
  return survey;
}

function checkTimes({ messages }: Conversation, number: number, template: string): void {
  const at = messages.findIndex(({ from, time }) => from !== '' && time === null);
  if (at === -1) return;
  throw new StageInputError(
    `message ${at + 1} of conversation ${number} has no time, and the template "${template}" asks for one`,
    `set \`template: "${UNSTAMPED_TEMPLATE}"\` on this stage`,
  );
}

// --- telling -----------------------------------------------------------------------------------------------

function totals({ splits: { train, validation } }: TokensIndex): string {
  const tokens = train.tokens + validation.tokens;
  const side = (name: string, { tokens, documents }: { tokens: number; documents: number }) =>
    `${tokens.toLocaleString('en')} tokens in ${documents.toLocaleString('en')} ${documents === 1 ? 'document' : 'documents'} to ${name}`;
  const share = ((100 * validation.tokens) / tokens).toFixed(1);
  const bytesPerToken = ((train.bytes + validation.bytes) / tokens).toFixed(2);
  return `${side('train', train)}, ${side('validation', validation)} (${share} %); ${bytesPerToken} bytes a token`;
}

function progressOf(totalBytes: number, emit: Context['emit']): (bytes: number, last?: 'last') => void {
  const started = Date.now();
  let next = started + PROGRESS_MS;
  let done = 0;
  return (bytes, last) => {
    done += bytes;
    const now = Date.now();
    if (!last && now < next) return;
    next = now + PROGRESS_MS;
    const rate = done / 1e6 / Math.max(0.001, (now - started) / 1000);
    emit({ kind: 'progress', done: megabytes(done), total: megabytes(totalBytes), unit: 'MB', note: `${rate.toFixed(1)} MB/s` });
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e4) / 100;
}

const PROGRESS_MS = 500;
