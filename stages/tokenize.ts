/**
 * tokenize: encodes conversations as GPT-2 token ids.
 *
 * The template renders each message of a conversation as one line that ends with LF. The conversation's ids are
 * followed by the separator, which no text encodes to. A hash of a conversation's names and texts decides its split, so
 * identical conversations are always in the same split and other conversations do not affect it. Large files are
 * encoded on all cores; the output does not depend on how many there are.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CONVERSATIONS_FILE, readConversationBlocks } from '../src/artifacts/conversations.ts';
import { openParts } from '../src/artifacts/parts/parts.ts';
import { openTokensWriter, type TokensWriter } from '../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName, type TokensIndex } from '../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../src/tokenizer/identity.ts';
import { MOST_SPEAKERS, TOKEN_CLASSES, labelOf } from '../src/tokenizer/token-labels.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';
import { newLeakCheck, reportLeaks, type Leaks } from './leak-check.ts';
import { openReadProgress } from './read-progress.ts';
import type { BlockParts } from './tokenize/block-parts.ts';
import { VERSION, type Context } from './tokenize/params.ts';
import type { EncodedBlock } from './tokenize/encode-block.ts';
import { encodeBlocks } from './tokenize/encode-blocks.ts';
import { splitByTime } from './tokenize/split-by-time.ts';
import { splitRule, type SplitRule, type Survey } from './tokenize/split.ts';
import { counted, withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { params, emit } = context;
  const rule = await firstRule(context);
  let encoded = await encodeAll(rule, context);
  // Only now is it known whether the hash has left a split empty. If so, encode everything again with another rule.
  const better = rule.kind === 'place' ? splitRule(encoded.survey, params) : rule;
  if (JSON.stringify(better) !== JSON.stringify(rule)) {
    if (better.kind === 'tail') emit({ kind: 'note', text: tailNote(encoded.survey) });
    encoded = await encodeAll(better, context);
  }
  const { index, leaks } = encoded;
  emit({ kind: 'note', text: totals(index) });
  emit({ kind: 'note', text: classNote(encoded.classes) });
  const heldOut = SPLIT_NAMES.filter((name) => name !== 'train').reduce(
    (sum, name) => sum + index.splits[name].documents,
    0,
  );
  if (heldOut > 0) reportLeaks(leaks, { noun: 'conversation', leaks: params.leaks, emit });
  if (params.validation > 0 && index.splits.validation.documents === 0) {
    emit({ kind: 'warning', text: 'nothing is held out: there is only one conversation, and it has one line' });
  }
}

async function firstRule({ params, inputs, signal, emit }: Context): Promise<SplitRule> {
  if (params.splitBy === 'conversation')
    return { kind: 'place', validation: params.validation, test: params.validation + params.test };
  const { rule, leftOut } = await splitByTime(inputs['conversations']!, params, signal);
  if (leftOut > 0)
    emit({
      kind: 'note',
      text: `${counted(leftOut, 'conversation')} left out: identical to an earlier one in another split`,
    });
  return rule;
}

interface Encoded {
  index: TokensIndex;
  survey: Survey;
  leaks: { conversations: Leaks; lines: Leaks };
  /** number of tokens of each class, in the order of `TOKEN_CLASSES` */
  classes: number[];
}

/** Encodes and writes all conversations. */
async function encodeAll(
  rule: SplitRule,
  { params, inputs, outDir, partsDir, emit, signal }: Context,
): Promise<Encoded> {
  const dir = inputs['conversations']!;
  for (const name of readdirSync(outDir)) rmSync(join(outDir, name)); // from an earlier pass
  const bytes = statSync(join(dir, CONVERSATIONS_FILE)).size;
  const { template, header, ending, seed } = params;
  const { name, vocabulary, vocabularySize, separator } = defaultTokenizer;
  const description = {
    tokenizer: { name, vocabulary },
    vocabularySize,
    separator,
    ending,
    template,
  };
  const writer = openTokensWriter(outDir, description);
  const survey: Survey = { conversations: 0, least: Infinity, greatest: -Infinity };
  const speakers = new Map<string, number>();
  const leaks = { conversations: newLeakCheck(), lines: newLeakCheck() };
  const classes = TOKEN_CLASSES.map(() => 0);
  const blocks = { all: 0, cached: 0 };
  const progress = openReadProgress(bytes, emit);
  const parts = blockParts(bytes, partsDir);
  const spare: SharedArrayBuffer[] = [];
  const read = async function* () {
    for await (const block of readConversationBlocks(dir, BLOCK_BYTES, spare)) {
      if (signal.aborted) throw new StageStopped();
      progress.add(block.bytes.length);
      yield block;
    }
  };
  try {
    const threads = bytes < SMALL_BYTES ? 0 : availableParallelism();
    for await (const { block, cached } of encodeBlocks(read(), {
      rendering: { template, header, ending, seed, rule },
      threads,
      parts,
      spare,
    })) {
      blocks.all++;
      if (cached) blocks.cached++;
      addSurvey(survey, block.survey);
      writeBlock(writer, block, numbersOf(block.speakers, speakers));
      block.classes.forEach((count, i) => (classes[i]! += count));
      for (const name of SPLIT_NAMES) {
        leaks.lines.add(name, block.lines[name]);
        leaks.conversations.add(name, block.conversations[name]);
      }
    }
    if (survey.conversations === 0)
      throw new StageInputError(
        'there are no conversations to encode',
        'see report.json of the ingest stage for what was dropped and why',
      );
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    parts?.parts.close();
  }
  const index = writer.close([...speakers.keys()]);
  progress.close();
  if (blocks.cached > 0)
    emit({
      kind: 'note',
      text: `${withCommas(blocks.cached)} of ${counted(blocks.all, 'block')} of conversations unchanged: used their cached tokens`,
    });
  const found = { conversations: leaks.conversations.result(), lines: leaks.lines.result() };
  return { index, survey, leaks: found, classes };
}

/** Null if the file is too small for lookups to be faster, or so large that storing parts takes as long as encoding. */
function blockParts(bytes: number, partsDir: string | undefined): BlockParts | null {
  const parts = bytes >= MIN_PARTS_BYTES && bytes <= MAX_PARTS_BYTES ? openParts(partsDir) : null;
  return parts && { parts, about: ['tokenize', VERSION, defaultTokenizer.vocabulary] };
}

function addSurvey(survey: Survey, { conversations, least, greatest }: Survey): void {
  survey.conversations += conversations;
  survey.least = Math.min(survey.least, least);
  survey.greatest = Math.max(survey.greatest, greatest);
}

/** Each block numbers its own speakers. Returns their numbers in the whole output, by their number in the block. */
function numbersOf(names: string[], speakers: Map<string, number>): number[] {
  return [
    0,
    ...names.map((name) => {
      const known = speakers.get(name) ?? speakers.size + 1;
      if (known > speakers.size) speakers.set(name, known);
      return known;
    }),
  ];
}

function writeBlock(writer: TokensWriter, { splits }: EncodedBlock, numbers: number[]): void {
  const relabelled = numbers.some((number, i) => number !== i) ? relabelling(numbers) : null;
  for (const name of SPLIT_NAMES) {
    const { labels, lengths } = splits[name];
    if (lengths.length === 0) continue;
    if (relabelled) for (let i = 0; i < labels.length; i++) labels[i] = relabelled[labels[i]!]!;
    writer.appendDocuments(name, splits[name]);
  }
}

/** label in the block → label in the whole output, with the same class */
function relabelling(numbers: number[]): Uint16Array {
  const relabelled = new Uint16Array(1 << 16);
  for (const tokenClass of TOKEN_CLASSES)
    for (const [inBlock, inAll] of numbers.slice(0, MOST_SPEAKERS + 1).entries())
      relabelled[labelOf(tokenClass, inBlock)] = labelOf(tokenClass, inAll);
  return relabelled;
}

// --- notes -------------------------------------------------------------------------------------------------

function tailNote({ conversations }: Survey): string {
  return conversations === 1
    ? 'there is only one conversation: held out its last lines'
    : 'all conversations are identical: held out the last lines of each';
}

function totals({ splits }: TokensIndex): string {
  const names = SPLIT_NAMES.filter((name) => name !== 'test' || splits.test.documents > 0);
  const tokens = names.reduce((sum, name) => sum + splits[name].tokens, 0);
  const bytes = names.reduce((sum, name) => sum + splits[name].bytes, 0);
  const sizeOf = (name: SplitName): string => {
    const { tokens, documents } = splits[name];
    return `${withCommas(tokens)} tokens in ${counted(documents, 'document')} for ${name}`;
  };
  const share = ((100 * splits.validation.tokens) / tokens).toFixed(1);
  return `${names.map(sizeOf).join(', ')} (${share} %); ${(bytes / tokens).toFixed(2)} bytes per token`;
}

/** Worth knowing before a long training: time stamps and names can take half of the tokens. */
function classNote(classes: number[]): string {
  const all = classes.reduce((sum, count) => sum + count, 0);
  const shares = TOKEN_CLASSES.flatMap((name, i) =>
    classes[i]! > 0 ? [`${name} ${((100 * classes[i]!) / all).toFixed(1)} %`] : [],
  );
  return `tokens by class: ${shares.join(', ')}`;
}

/**
 * Maximum size of the blocks of conversations that threads encode. With more than 16,383 speakers, the output depends
 * on it.
 */
const BLOCK_BYTES = 4 << 20;
/** Below this, starting threads takes more time than they save. */
const SMALL_BYTES = 32 << 20;
const MIN_PARTS_BYTES = 4 << 20;
const MAX_PARTS_BYTES = 0.5e9;
