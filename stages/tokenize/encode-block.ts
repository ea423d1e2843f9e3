import { conversationsOf, type Conversation, type ConversationsBlock } from '../../src/artifacts/conversations.ts';
import type { Documents } from '../../src/artifacts/tokens.ts';
import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens-index.ts';
import { readVocabulary } from '../../src/artifacts/vocabulary.ts';
import { createEncoding, type Encoding } from '../../src/lm/encoding.ts';
import { UNSTAMPED_TEMPLATE, parseTemplate, type LineTemplate } from '../../src/lm/line-template.ts';
import { TOKEN_CLASSES, classNumber, labelOf, labelTokens } from '../../src/lm/token-labels.ts';
import { StageInputError } from '../define-stage.ts';
import { parseHeader, type Header } from './header.ts';
import { lineHash } from './leak-check.ts';
import { clear, newRenderedText, put, type RenderedText } from './rendered-text.ts';
import { LEFT_OUT, placeOf, sideOf, tailStart, type SplitRule, type Survey } from './split.ts';

/** All that decides what a block of conversations becomes: plain data, for it goes to other threads. */
export interface Rendering {
  template: string;
  header: string;
  ending: keyof typeof ENDINGS;
  seed: number;
  rule: SplitRule;
}

/** What ends a document: the separator's own id, or ordinary text, as it was done before there was one. */
export const ENDINGS = { separator: '', blankLines: '\n\n', sevenTokens: '<|endoftext|>' } as const;

export interface EncodedBlock {
  splits: Record<SplitName, Documents>;
  survey: Survey;
  /** names by the numbers in this block's labels, from 1 on */
  speakers: string[];
  /** tokens by the number of their class */
  classes: number[];
  /** of each long line the hash of its text, by side */
  lines: Record<SplitName, Float64Array>;
}

/** Conversations, as they lie in a file, into ids and labels. Throws a StageInputError for a message that does not fit the template. */
export function createBlockEncoder(rendering: Rendering): (block: ConversationsBlock) => EncodedBlock {
  const { vocabJson, mergesText } = readVocabulary();
  const encoding = createEncoding(vocabJson, mergesText);
  const template = parseTemplate(rendering.template);
  const header = parseHeader(rendering.header);
  const text = newRenderedText();
  const growing = bySplit(newGrowing);
  return (block) => {
    const speakers = new Map<string, number>();
    for (const name of SPLIT_NAMES) empty(growing[name]);
    const survey: Survey = { conversations: 0, least: Infinity, greatest: -Infinity };
    const toTokens = (conversation: Conversation, split: SplitName, first: number, end: number): void => {
      renderInto(text, conversation, { first, end, template, header, ending: rendering.ending, speakers });
      append(growing[split], text, encoding, rendering.ending);
      for (let i = first; i < end; i++) addLine(growing[split], conversation.messages[i]!.text);
    };
    for (const conversation of conversationsOf(block)) {
      const number = block.firstLine + survey.conversations++;
      if (template.needsTime) checkTimes(conversation, number, rendering.template);
      const place = placeOf(conversation, rendering.seed);
      survey.least = Math.min(survey.least, place);
      survey.greatest = Math.max(survey.greatest, place);
      for (const { split, first, end } of partsOf(conversation, { rule: rendering.rule, place, number, template })) toTokens(conversation, split, first, end);
    }
    return {
      survey,
      speakers: [...speakers.keys()],
      splits: bySplit((name) => documentsOf(growing[name])),
      classes: classesOf(SPLIT_NAMES.map((name) => growing[name])),
      lines: bySplit((name) => Float64Array.from(growing[name].lines)),
    };
  };
}

/** Memory of an encoded block that may go to another thread without being copied. */
export function buffersOf({ splits, lines }: EncodedBlock): ArrayBuffer[] {
  return SPLIT_NAMES.flatMap((name) => [splits[name].ids, splits[name].labels, splits[name].lengths as Uint32Array, lines[name]].map(({ buffer }) => buffer as ArrayBuffer));
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
  place: number;
  /** of the conversation, from 1 on */
  number: number;
  template: LineTemplate;
}

function partsOf({ messages }: Conversation, { rule, place, number, template }: Splitting): Part[] {
  switch (rule.kind) {
    case 'place':
      return [{ split: sideOf(place, rule), first: 0, end: messages.length }];
    case 'listed': {
      const side = rule.sides[number - 1]!;
      return side === LEFT_OUT ? [] : [{ split: SPLIT_NAMES[side]!, first: 0, end: messages.length }];
    }
    case 'tail': {
      const cut = tailStart(messages.map((message, i) => Buffer.byteLength(template.render(message, messages[i - 1]?.time)) + 1), rule.share);
      const parts: Part[] = [{ split: 'train', first: 0, end: cut }, { split: 'validation', first: cut, end: messages.length }];
      return parts.filter(({ first, end }) => first < end);
    }
  }
}

function checkTimes({ messages }: Conversation, number: number, template: string): void {
  const at = messages.findIndex(({ from, time }) => from !== '' && time === null);
  if (at === -1) return;
  throw new StageInputError(
    `message ${at + 1} of conversation ${number} has no time, and the template "${template}" asks for one`,
    `set \`template: "${UNSTAMPED_TEMPLATE}"\` on this stage`,
  );
}

// --- rendering ---------------------------------------------------------------------------------------------

interface Rules {
  first: number;
  end: number;
  template: LineTemplate;
  header: Header | null;
  ending: Rendering['ending'];
  speakers: Map<string, number>;
}

/** Every line ends with LF, the last one too, so that the end of a message looks the same wherever it stands. */
function renderInto(text: RenderedText, conversation: Conversation, { first, end, template, header, ending, speakers }: Rules): void {
  const { messages } = conversation;
  clear(text);
  if (header) put(text, `${header.render(conversation)}\n`, labelOf('stamp', 0));
  for (let i = first; i < end; i++) {
    const message = messages[i]!;
    const speaker = speakerNumber(message.from, speakers);
    const labels = { stamp: labelOf('stamp', speaker), name: labelOf('name', speaker), text: labelOf('text', speaker) };
    template.eachPiece(message, i > 0 ? messages[i - 1]!.time : null, (piece, textClass) => put(text, piece, labels[textClass]));
    // The end belongs to the text, for who ends a message also decides that.
    put(text, '\n', labels.text);
  }
  put(text, ENDINGS[ending], labelOf('separator', 0));
}

function speakerNumber(name: string, speakers: Map<string, number>): number {
  if (name === '') return 0;
  const known = speakers.get(name);
  if (known !== undefined) return known;
  speakers.set(name, speakers.size + 1);
  return speakers.size;
}

// --- collecting --------------------------------------------------------------------------------------------

interface Growing {
  ids: Uint16Array;
  labels: Uint16Array;
  count: number;
  lengths: number[];
  bytes: number;
  lines: number[];
}

/** Used again for each block. */
const newGrowing = (): Growing => ({ ids: new Uint16Array(1 << 12), labels: new Uint16Array(1 << 12), count: 0, lengths: [], bytes: 0, lines: [] });

function empty(growing: Growing): void {
  growing.count = growing.bytes = growing.lengths.length = growing.lines.length = 0;
}

function append(growing: Growing, text: RenderedText, encoding: Encoding, ending: Rendering['ending']): void {
  makeRoom(growing, text.length + 1);
  const start = growing.count;
  let end = encoding.encodeUtf8(text.bytes, 0, text.length, growing.ids, start);
  labelTokens(growing.ids.subarray(start, end), encoding.byteLength, text, growing.labels.subarray(start, end));
  if (ending === 'separator') {
    growing.ids[end] = encoding.separator;
    growing.labels[end++] = labelOf('separator', 0);
  }
  growing.count = end;
  growing.lengths.push(end - start);
  growing.bytes += text.length;
}

function makeRoom(growing: Growing, more: number): void {
  if (growing.count + more <= growing.ids.length) return;
  const size = Math.max(growing.count + more, growing.ids.length * 2);
  for (const which of ['ids', 'labels'] as const) {
    const larger = new Uint16Array(size);
    larger.set(growing[which].subarray(0, growing.count));
    growing[which] = larger;
  }
}

function addLine({ lines }: Growing, text: string): void {
  const hash = lineHash(text);
  if (hash !== null) lines.push(hash);
}

const documentsOf = ({ ids, labels, count, lengths, bytes }: Growing): Documents & { lengths: Uint32Array } => ({
  ids: ids.slice(0, count),
  labels: labels.slice(0, count),
  lengths: Uint32Array.from(lengths),
  bytes,
});

function classesOf(all: Growing[]): number[] {
  const counts = new Uint32Array(TOKEN_CLASSES.length);
  for (const { labels, count } of all) for (let i = 0; i < count; i++) counts[classNumber(labels[i]!)]!++;
  return [...counts];
}

function bySplit<T>(of: (name: SplitName) => T): Record<SplitName, T> {
  return Object.fromEntries(SPLIT_NAMES.map((name) => [name, of(name)])) as Record<SplitName, T>;
}
