import { linesOf, type ConversationsBlock } from '../../src/artifacts/conversations.ts';
import type { Documents } from '../../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { UNSTAMPED_TEMPLATE, parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { TOKEN_CLASSES, labelOf, labelTokens } from '../../src/tokenizer/token-labels.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { openConversationLine, type ConversationLine } from './conversation-line.ts';
import { parseHeader, type AboutConversation } from '../../src/artifacts/tokens/header.ts';
import { LONG_CHARS, TELLING_LINES, hashOfHashes } from '../leak-check.ts';
import { hashPosition, type SplitRule, type Survey } from './split.ts';
import { splitParts, type Part } from './split-parts.ts';
import { bySplit } from '../../src/artifacts/tokens/index.ts';

/** Everything that determines how a block is encoded. Plain data, because it is sent to worker threads. */
export interface Rendering {
  template: string;
  header: string;
  ending: keyof typeof ENDINGS;
  seed: number;
  rule: SplitRule;
}

/** Text that ends a document. Empty if the separator's id ends it; the others are ordinary text, as older data used. */
export const ENDINGS = { separator: '', blankLines: '\n\n', sevenTokens: defaultTokenizer.separatorText } as const;

export interface EncodedBlock {
  splits: Record<SplitName, Documents>;
  survey: Survey;
  /** names of the speakers that this block's labels number 1, 2, … */
  speakers: string[];
  /** number of tokens of each class, in the order of `TOKEN_CLASSES` */
  classes: number[];
  /** hashes of the texts of long lines, by split */
  lines: Record<SplitName, Float64Array>;
  /** hashes of the long lines of conversations that have enough of them, by split */
  conversations: Record<SplitName, Float64Array>;
}

/**
 * Returns a function that encodes a block of conversations.jsonl to ids and labels. It takes memory for them from
 * `spare` where possible. Throws a StageInputError for a message that does not fit the template.
 */
export function createBlockEncoder(
  rendering: Rendering,
): (block: ConversationsBlock, spare: SharedArrayBuffer[]) => EncodedBlock {
  const tokenizer = openTokenizer(defaultTokenizer);
  const template = parseTemplate(rendering.template);
  const header = parseHeader(rendering.header);
  const conversation = openConversationLine(template);
  const encodePart = ({ split, first, end }: Part, { output, classes, spare }: BlockOutput): void => {
    conversation.clear();
    if (header) conversation.put(`${header.render(aboutOf(conversation))}\n`, labelOf('stamp', 0));
    conversation.render(first, end);
    conversation.put(ENDINGS[rendering.ending], SEPARATOR_LABEL);
    append(output[split], conversation, { tokenizer, ending: rendering.ending, classes, spare });
    const hashes = conversation.hashes(first, end, LONG_CHARS);
    addLines(output[split], hashes, spare);
    if (hashes.length >= TELLING_LINES) output[split].conversations.push(hashOfHashes(hashes));
  };
  return (block, spare) => {
    const output = bySplit(newSplitOutput);
    const speakers = new Map<string, number>();
    const classes = new Uint32Array(TOKEN_CLASSES.length);
    const survey: Survey = { conversations: 0, least: Infinity, greatest: -Infinity };
    for (const line of linesOf(block)) {
      const number = block.firstLine + survey.conversations++;
      conversation.take(line, number);
      if (template.needsTime) checkTimes(conversation, number, rendering.template);
      const position = hashPosition(conversation.hashInput(`${rendering.seed}\n`));
      survey.least = Math.min(survey.least, position);
      survey.greatest = Math.max(survey.greatest, position);
      const parts = splitParts(conversation, { rule: rendering.rule, position, number });
      if (parts.length > 0) numberSpeakers(conversation, speakers);
      for (const part of parts) encodePart(part, { output, classes, spare });
    }
    return {
      survey,
      speakers: [...speakers.keys()],
      splits: bySplit((name) => documentsOf(output[name])),
      classes: [...classes],
      lines: bySplit((name) => output[name].lines.subarray(0, output[name].lineCount)),
      conversations: bySplit((name) => new Float64Array(output[name].conversations)),
    };
  };
}

/**
 * The buffers of a block. They are in shared memory, so threads can pass them back and forth without copies and without
 * work for the garbage collector.
 */
export function sharedBuffers({ splits, lines }: EncodedBlock): SharedArrayBuffer[] {
  return SPLIT_NAMES.flatMap((name) =>
    [splits[name].ids, splits[name].labels, lines[name]].flatMap(({ buffer }) =>
      buffer.byteLength > 0 ? [buffer as SharedArrayBuffer] : [],
    ),
  );
}

// --- reading ----------------------------------------------------------------------------------------------

function checkTimes(conversation: ConversationLine, number: number, template: string): void {
  for (let i = 0; i < conversation.messages(); i++) {
    if (conversation.hasTime(i) || conversation.isNobody(conversation.speakerOf(i))) continue;
    throw new StageInputError(
      `message ${i + 1} of conversation ${number} has no time, but the template "${template}" needs one`,
      `set \`template: "${UNSTAMPED_TEMPLATE}"\` on this stage`,
    );
  }
}

function aboutOf(conversation: ConversationLine): AboutConversation {
  const messages = conversation.messages();
  let first = 0;
  while (first < messages && !conversation.hasTime(first)) first++;
  const names = Array.from({ length: conversation.speakers() }, (_, i) => conversation.nameOf(i));
  return {
    people: names.filter((name) => name !== ''),
    time: first < messages ? conversation.timeOf(first) : NaN,
    messages,
  };
}

/** Numbers the speakers of a block from 1, in the order of their first messages. */
function numberSpeakers(conversation: ConversationLine, speakers: Map<string, number>): void {
  for (let i = 0; i < conversation.speakers(); i++) {
    const name = conversation.nameOf(i);
    let number = name === '' ? 0 : speakers.get(name);
    if (number === undefined) speakers.set(name, (number = speakers.size + 1));
    conversation.number(i, number);
  }
}

// --- collecting --------------------------------------------------------------------------------------------

/** The output for one split while it grows. */
interface SplitOutput {
  ids: Uint16Array;
  labels: Uint16Array;
  count: number;
  lengths: number[];
  bytes: number;
  lines: Float64Array;
  lineCount: number;
  conversations: number[];
}

const newSplitOutput = (): SplitOutput => ({
  ids: new Uint16Array(0),
  labels: new Uint16Array(0),
  count: 0,
  lengths: [],
  bytes: 0,
  lines: new Float64Array(0),
  lineCount: 0,
  conversations: [],
});

/** Returns at least this many bytes: the smallest spare buffer that is large enough, else a new one. */
function allocate(bytes: number, spare: SharedArrayBuffer[]): SharedArrayBuffer {
  let best = -1;
  for (const [i, { byteLength }] of spare.entries())
    if (byteLength >= bytes && (best === -1 || byteLength < spare[best]!.byteLength)) best = i;
  return best === -1 ? new SharedArrayBuffer(2 ** Math.ceil(Math.log2(bytes))) : spare.splice(best, 1)[0]!;
}

interface BlockOutput {
  output: Record<SplitName, SplitOutput>;
  /** running number of tokens of each class */
  classes: Uint32Array;
  spare: SharedArrayBuffer[];
}

interface AppendOptions extends Omit<BlockOutput, 'output'> {
  tokenizer: Tokenizer;
  ending: Rendering['ending'];
}

function append(
  output: SplitOutput,
  conversation: ConversationLine,
  { tokenizer, ending, classes, spare }: AppendOptions,
): void {
  const { bytes, start, length, stretches } = conversation.text();
  makeRoom(output, length + 1, spare);
  const first = output.count;
  let end = tokenizer.encodeUtf8(bytes, start, start + length, output.ids, first);
  labelTokens(output.ids, first, end, tokenizer.byteLengths, stretches, output.labels, classes);
  if (ending === 'separator') {
    output.ids[end] = tokenizer.separator;
    output.labels[end++] = SEPARATOR_LABEL;
    classes[TOKEN_CLASSES.indexOf('separator')]!++;
  }
  output.count = end;
  output.lengths.push(end - first);
  output.bytes += length;
}

const SEPARATOR_LABEL = labelOf('separator', 0);

function makeRoom(output: SplitOutput, more: number, spare: SharedArrayBuffer[]): void {
  const needed = output.count + more;
  for (const field of ['ids', 'labels'] as const) {
    const { length, buffer } = output[field];
    if (needed <= length) continue;
    const larger = new Uint16Array(allocate(2 * Math.max(MIN_TOKENS, needed, length * 2), spare));
    larger.set(output[field].subarray(0, output.count));
    output[field] = larger;
    if (length > 0) spare.push(buffer as SharedArrayBuffer);
  }
}

const MIN_TOKENS = 1 << 16;

function addLines(output: SplitOutput, hashes: Float64Array, spare: SharedArrayBuffer[]): void {
  const { lines, lineCount } = output;
  const needed = lineCount + hashes.length;
  if (needed > lines.length) {
    output.lines = new Float64Array(allocate(8 * Math.max(MIN_LINES, needed, lines.length * 2), spare));
    output.lines.set(lines.subarray(0, lineCount));
    if (lines.length > 0) spare.push(lines.buffer as SharedArrayBuffer);
  }
  output.lines.set(hashes, lineCount);
  output.lineCount = needed;
}

const MIN_LINES = 1 << 12;

const documentsOf = ({ ids, labels, count, lengths, bytes }: SplitOutput): Documents & { lengths: Uint32Array } => ({
  ids: ids.subarray(0, count),
  labels: labels.subarray(0, count),
  lengths: Uint32Array.from(lengths),
  bytes,
});
