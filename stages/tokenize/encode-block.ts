import { linesOf, type ConversationsBlock } from '../../src/artifacts/conversations.ts';
import type { Documents } from '../../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { UNSTAMPED_TEMPLATE, parseTemplate } from './line-template.ts';
import { TOKEN_CLASSES, labelOf, labelTokens } from '../../src/tokenizer/token-labels.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { openConversationLine, type ConversationLine } from './conversation-line.ts';
import { parseHeader, type AboutConversation } from './header.ts';
import { LONG_CHARS } from './leak-check.ts';
import { LEFT_OUT, hashPosition, splitAt, tailStart, type SplitRule, type Survey } from './split.ts';
import { bySplit } from '../../src/artifacts/tokens/index.ts';

/** All that decides what a block of conversations becomes: plain data, for it goes to other threads. */
export interface Rendering {
  template: string;
  header: string;
  ending: keyof typeof ENDINGS;
  seed: number;
  rule: SplitRule;
}

/** What ends a document: the separator's own id, or ordinary text, as it was done before there was one. */
export const ENDINGS = { separator: '', blankLines: '\n\n', sevenTokens: defaultTokenizer.separatorText } as const;

export interface EncodedBlock {
  splits: Record<SplitName, Documents>;
  survey: Survey;
  /** names by the numbers in this block's labels, from 1 on */
  speakers: string[];
  /** tokens by the number of their class */
  classes: number[];
  /** of each long line the hash of its text, by split */
  lines: Record<SplitName, Float64Array>;
}

/**
 * Conversations, as they lie in a file, into ids and labels. `spare`: memory for them, which is taken from there.
 * Throws a StageInputError for a message that does not fit the template.
 */
export function createBlockEncoder(
  rendering: Rendering,
): (block: ConversationsBlock, spare: SharedArrayBuffer[]) => EncodedBlock {
  const tokenizer = openTokenizer(defaultTokenizer);
  const template = parseTemplate(rendering.template);
  const header = parseHeader(rendering.header);
  const conversation = openConversationLine(template);
  const toTokens = ({ split, first, end }: Part, { growing, classes, spare }: Collecting): void => {
    conversation.clear();
    if (header) conversation.put(`${header.render(aboutOf(conversation))}\n`, labelOf('stamp', 0));
    conversation.render(first, end);
    conversation.put(ENDINGS[rendering.ending], SEPARATOR_LABEL);
    append(growing[split], conversation, { tokenizer, ending: rendering.ending, classes, spare });
    addLines(growing[split], conversation.hashes(first, end, LONG_CHARS), spare);
  };
  return (block, spare) => {
    const growing = bySplit(newGrowing);
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
      const parts = partsOf(conversation, { rule: rendering.rule, position, number });
      if (parts.length > 0) numberSpeakers(conversation, speakers);
      for (const part of parts) toTokens(part, { growing, classes, spare });
    }
    return {
      survey,
      speakers: [...speakers.keys()],
      splits: bySplit((name) => documentsOf(growing[name])),
      classes: [...classes],
      lines: bySplit((name) => growing[name].lines.subarray(0, growing[name].lineCount)),
    };
  };
}

/**
 * What lies in shared memory: two threads pass it back and forth without copying it, and without the garbage collector
 * counting it as new each time.
 */
export function memoryOf({ splits, lines }: EncodedBlock): SharedArrayBuffer[] {
  return SPLIT_NAMES.flatMap((name) =>
    [splits[name].ids, splits[name].labels, lines[name]].flatMap(({ buffer }) =>
      buffer.byteLength > 0 ? [buffer as SharedArrayBuffer] : [],
    ),
  );
}

// --- splitting ---------------------------------------------------------------------------------------------

interface Part {
  split: SplitName;
  /** of its messages: from this one up to, not including, `end` */
  first: number;
  end: number;
}

interface Splitting {
  rule: SplitRule;
  position: number;
  /** of the conversation, from 1 on */
  number: number;
}

function partsOf(conversation: ConversationLine, { rule, position, number }: Splitting): Part[] {
  const end = conversation.messages();
  switch (rule.kind) {
    case 'place':
      return [{ split: splitAt(position, rule), first: 0, end }];
    case 'listed': {
      const split = rule.splits[number - 1]!;
      return split === LEFT_OUT ? [] : [{ split: SPLIT_NAMES[split]!, first: 0, end }];
    }
    case 'tail': {
      const cut = tailStart(
        Array.from({ length: end }, (_, i) => renderedBytes(conversation, i)),
        rule.share,
      );
      const parts: Part[] = [
        { split: 'train', first: 0, end: cut },
        { split: 'validation', first: cut, end },
      ];
      return parts.filter(({ first, end }) => first < end);
    }
  }
}

function renderedBytes(conversation: ConversationLine, i: number): number {
  conversation.number(conversation.speakerOf(i), conversation.isNobody(conversation.speakerOf(i)) ? 0 : 1);
  conversation.clear();
  conversation.render(i, i + 1);
  return conversation.text().length;
}

function checkTimes(conversation: ConversationLine, number: number, template: string): void {
  for (let i = 0; i < conversation.messages(); i++) {
    if (conversation.hasTime(i) || conversation.isNobody(conversation.speakerOf(i))) continue;
    throw new StageInputError(
      `message ${i + 1} of conversation ${number} has no time, and the template "${template}" asks for one`,
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

/** Those who speak in a block, from 1 on in the order of their first message. */
function numberSpeakers(conversation: ConversationLine, speakers: Map<string, number>): void {
  for (let i = 0; i < conversation.speakers(); i++) {
    const name = conversation.nameOf(i);
    let number = name === '' ? 0 : speakers.get(name);
    if (number === undefined) speakers.set(name, (number = speakers.size + 1));
    conversation.number(i, number);
  }
}

// --- collecting --------------------------------------------------------------------------------------------

interface Growing {
  ids: Uint16Array;
  labels: Uint16Array;
  count: number;
  lengths: number[];
  bytes: number;
  lines: Float64Array;
  lineCount: number;
}

const newGrowing = (): Growing => ({
  ids: new Uint16Array(0),
  labels: new Uint16Array(0),
  count: 0,
  lengths: [],
  bytes: 0,
  lines: new Float64Array(0),
  lineCount: 0,
});

/** At least so many bytes: the smallest that are spare, else new ones. */
function take(bytes: number, spare: SharedArrayBuffer[]): SharedArrayBuffer {
  let best = -1;
  for (const [i, { byteLength }] of spare.entries())
    if (byteLength >= bytes && (best === -1 || byteLength < spare[best]!.byteLength)) best = i;
  return best === -1 ? new SharedArrayBuffer(2 ** Math.ceil(Math.log2(bytes))) : spare.splice(best, 1)[0]!;
}

interface Collecting {
  growing: Record<SplitName, Growing>;
  /** tokens by the number of their class, to be added to */
  classes: Uint32Array;
  spare: SharedArrayBuffer[];
}

interface Appending extends Omit<Collecting, 'growing'> {
  tokenizer: Tokenizer;
  ending: Rendering['ending'];
}

function append(
  growing: Growing,
  conversation: ConversationLine,
  { tokenizer, ending, classes, spare }: Appending,
): void {
  const { bytes, start, length, stretches } = conversation.text();
  makeRoom(growing, length + 1, spare);
  const first = growing.count;
  let end = tokenizer.encodeUtf8(bytes, start, start + length, growing.ids, first);
  labelTokens(growing.ids, first, end, tokenizer.byteLengths, stretches, growing.labels, classes);
  if (ending === 'separator') {
    growing.ids[end] = tokenizer.separator;
    growing.labels[end++] = SEPARATOR_LABEL;
    classes[TOKEN_CLASSES.indexOf('separator')]!++;
  }
  growing.count = end;
  growing.lengths.push(end - first);
  growing.bytes += length;
}

const SEPARATOR_LABEL = labelOf('separator', 0);

function makeRoom(growing: Growing, more: number, spare: SharedArrayBuffer[]): void {
  const needed = growing.count + more;
  for (const which of ['ids', 'labels'] as const) {
    const { length, buffer } = growing[which];
    if (needed <= length) continue;
    const larger = new Uint16Array(take(2 * Math.max(LEAST_TOKENS, needed, length * 2), spare));
    larger.set(growing[which].subarray(0, growing.count));
    growing[which] = larger;
    if (length > 0) spare.push(buffer as SharedArrayBuffer);
  }
}

const LEAST_TOKENS = 1 << 16;

function addLines(growing: Growing, hashes: Float64Array, spare: SharedArrayBuffer[]): void {
  const { lines, lineCount } = growing;
  const needed = lineCount + hashes.length;
  if (needed > lines.length) {
    growing.lines = new Float64Array(take(8 * Math.max(LEAST_LINES, needed, lines.length * 2), spare));
    growing.lines.set(lines.subarray(0, lineCount));
    if (lines.length > 0) spare.push(lines.buffer as SharedArrayBuffer);
  }
  growing.lines.set(hashes, lineCount);
  growing.lineCount = needed;
}

const LEAST_LINES = 1 << 12;

const documentsOf = ({ ids, labels, count, lengths, bytes }: Growing): Documents & { lengths: Uint32Array } => ({
  ids: ids.subarray(0, count),
  labels: labels.subarray(0, count),
  lengths: Uint32Array.from(lengths),
  bytes,
});
