import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawHead } from '../../src/chat/draw-head.ts';
import { lineFormOf } from '../../src/chat/line-form.ts';
import { nextSpeaker } from '../../src/chat/next-speaker.ts';
import { openTranscript } from '../../src/chat/transcript.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import { chatWith, fakeRow, SEPARATOR, shownLines, tokenizer } from './kit.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);
const TIME = 1_500_000_000_000;
const WARM = { temperature: 1, topK: 0, topP: 1 };

const name = fc
  .array(fc.constantFrom('Ann', 'A', 'nn', ' ', ' Lee', ':', '::', ']', '😀', '👩🏽‍🚀', 'é', 'Bob', '\u00a0', '1'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join('').trim())
  .filter((text) => text !== '');
/** Some of them begin like another. */
const people = fc
  .tuple(name, name, fc.array(name, { minLength: 1, maxLength: 3 }))
  .map(([one, other, more]) => [...new Set([one, other, ...more.map((rest) => one + rest)])])
  .chain((all) => fc.shuffledSubarray(all, { minLength: Math.min(2, all.length) }));
const template = fc.constantFrom(
  '{name}:{text}',
  '[{name}]{text}',
  '{name}{text}',
  '{name} {text}',
  '{name}: {text}',
  '({ms}){name}»{text}',
  '({ms}) [{name}] "{text}"',
  '{name}\n{text}',
);

/** A model that likes the tokens of these texts, and line ends and separators, and is not sure of anything. */
function namesIn(texts: string[], seed: number) {
  const liked = texts.flatMap((text) => tokenizer.encode(text));
  return (tokens: number[]): Float32Array => {
    const random = randomAt(seed, tokens.length, 'mix');
    const logits = Float32Array.from({ length: 50257 }, () => (random() % 1000) / 100);
    for (const id of [...liked, 198, SEPARATOR]) logits[id] = 6 + (random() % 12);
    return logits;
  };
}

test('a line begins with one of the heads, byte for byte, and is nobody else’s', async () => {
  let lines = 0;
  let merged = 0;
  await fc.assert(
    fc.asyncProperty(
      people,
      template,
      fc.nat(1000),
      fc.boolean(),
      fc.boolean(),
      async (people, template, seed, isForced, mayEnd) => {
        const form = lineFormOf(template);
        const headOf = (name: string): string => form.head(name, TIME, null);
        const heads = people.map((name) => utf8(headOf(name) + form.lead));
        const liked = people.flatMap((name) => [headOf(name), `${headOf(name)}:)`]);
        const { row, tokens } = fakeRow(namesIn(liked, seed), 1024);
        const { name, text, isEnded } = await nextSpeaker(
          {
            transcript: await openTranscript(row, { opening: [SEPARATOR], pinned: [] }),
            tokenizer,
            form,
            separator: mayEnd ? SEPARATOR : null,
          },
          { first: isForced ? people[0]! : null, may: people.slice(0, 2), yields: people.slice(2) },
          { time: TIME, before: null, drawing: { ...WARM, seed, lane: 0 } },
        );
        const written = tokens.slice(1);
        if (name === null) return assert.deepEqual([written, isForced, mayEnd], [[SEPARATOR], false, true]);
        if (isForced) assert.equal(name, people[0]);
        const bytes = Buffer.concat(written.map((id) => tokenizer.bytesOf(id)));
        assert.deepEqual(bytes, Buffer.concat([utf8(headOf(name)), text, utf8(isEnded ? '\n' : '')]));
        assert.ok(!written.includes(SEPARATOR) && !text.includes(10));
        const begun = heads.filter((head) => bytes.indexOf(head) === 0).map((head) => head.toString());
        if (text.length > 0) assert.equal(begun.sort().at(-1), headOf(name) + form.lead, 'the longest head is theirs');
        const isOpen = heads.some((head) => head.length > bytes.length && head.indexOf(bytes) === 0);
        if (form.canMerge) assert.ok(!isOpen, 'no longer head can come of it');
        lines++;
        if (text.length > 0) merged++;
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(lines > 60 && merged > 10, `${lines} lines, ${merged} with text`);
});

test('a token that ends the head and begins the text is written as in the training text', async () => {
  for (const template of ['{name}:{text}', '[{name}]{text}', '({ms}) <{name}>{text}']) {
    const form = lineFormOf(template);
    const time = Date.UTC(2026, 4, 4, 17, 2);
    const wanted = tokenizer.encode(form.line({ from: 'Ann', text: ':) ok' }, time, Date.UTC(2026, 4, 4, 17, 1)));
    const alone = tokenizer.encode(form.head('Ann', time, null));
    assert.notDeepEqual(wanted.slice(0, alone.length), alone, 'head and text share a token');
    const { row, tokens } = fakeRow((read) => {
      const logits = new Float32Array(50257);
      const start = read.lastIndexOf(198) + 1;
      const next = wanted[read.length - start];
      if (read.slice(start).every((id, i) => id === wanted[i]) && next !== undefined) logits[next] = 50;
      return logits;
    }, 1024);
    const chat = await chatWith(row, { template });
    const { lines } = await shownLines(chat.say(['hello'], null));
    assert.equal(lines[0], 'Ann: :) ok');
    const start = tokens.indexOf(198) + 1;
    assert.deepEqual(tokens.slice(start, start + wanted.length), wanted);
  }
});

test('how likely each of them is drawn', async () => {
  // Bytes that can follow one another: "Ann", or "Ann" and " Lee"; a text begins with "x" or " y".
  const id = (text: string): number => tokenizer.encode(text)[0]!;
  const weights = new Map([
    [id('Ann'), 3],
    [id('Bob'), 1],
    [id(' Lee'), 2],
    [id('x'), 5],
    [id(' y'), 1],
    [SEPARATOR, 4],
  ]);
  const logits = new Float32Array(50257).fill(-40);
  for (const [token, weight] of weights) logits[token] = Math.log(weight);
  const heads = ['Ann', 'Ann Lee', 'Bob'].map((name) => ({
    name,
    bytes: utf8(name),
    textAt: utf8(name).length,
    isBarred: false,
  }));
  const counts = new Map<string, number>();
  const draws = 500;
  for (let seed = 0; seed < draws; seed++) {
    const { row } = fakeRow(() => logits);
    const transcript = await openTranscript(row, { opening: [SEPARATOR], pinned: [] });
    const drawing = { ...WARM, topK: 1, seed, lane: 0 };
    const { name } = await drawHead(transcript, { heads, separator: SEPARATOR, tokenizer }, drawing);
    counts.set(name ?? 'end', (counts.get(name ?? 'end') ?? 0) + 1);
  }
  // By hand: 8 to begin with; after "Ann", 2 of 2 + (3 + 1 + 5 + 1) go on with the name, and 3 of those 10 are "Ann".
  const expected = { end: 4 / 8, Bob: 1 / 8, 'Ann Lee': (3 / 8) * (2 / 12), Ann: (3 / 8) * (10 / 12) };
  for (const [name, share] of Object.entries(expected)) {
    const deviation = Math.sqrt((share * (1 - share)) / draws);
    assert.ok(Math.abs((counts.get(name) ?? 0) / draws - share) < 4 * deviation, `${name}: ${counts.get(name)}`);
  }
});
