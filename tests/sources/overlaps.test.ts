import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Conversation, Message } from '../../src/artifacts/conversations.ts';
import { findOverlaps, type Overlaps } from '../../src/sources/overlaps/find-overlaps.ts';
import { fingerprinting, fromStored, toStored } from '../../src/sources/overlaps/fingerprints.ts';
import { IN_ANOTHER_EXPORT, joinUnits } from '../../src/sources/overlaps/join-units.ts';
import { mergeCopies } from '../../src/sources/overlaps/merge-copies.ts';
import { printedUnits } from '../../src/sources/overlaps/printed-units.ts';
import type { Unit } from '../../src/sources/source.ts';
import { checkTally, newTally } from '../../src/sources/tally.ts';

const START = Date.UTC(2021, 2, 1, 9);
const MINUTE = 60_000;
const same = (name: string): string => name;

/** A chat of Ann and another person; about every third message is a word that everybody repeats. */
function chat(count: number, { seed = 0, other = 'Ben', start = START } = {}): Message[] {
  let state = seed + 1;
  const next = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 1) % below;
  let time = start;
  return Array.from({ length: count }, (_, i) => ({
    from: next(2) === 0 ? 'Ann' : other,
    time: (time += next(3) * MINUTE),
    text: next(3) === 0 ? ['ok', 'yes', '👍'][next(3)]! : `line ${seed}-${i} about the trip to the lake`,
  }));
}

const unitOf = (conversations: Message[][], exports?: string[]): Unit => ({
  files: [{ path: '', place: '', bytes: 1000, chunks: () => [] as never }],
  ...(exports ? { exports } : {}),
  async *read(_, tally) {
    for (const [i, messages] of conversations.entries()) {
      tally.read += messages.length;
      tally.kept += messages.length;
      yield { id: `c${i}`, messages };
    }
  },
});

async function overlaps(units: Unit[], capacity?: number): Promise<Overlaps> {
  const printed = printedUnits(capacity);
  for (const unit of units) {
    const prints = fingerprinting(same, printed.levels());
    for await (const conversation of unit.read([], newTally())) prints.add(conversation);
    printed.add(fromStored(JSON.parse(JSON.stringify(toStored(prints.result()))) as never), unit.exports);
  }
  return findOverlaps(printed.all());
}

async function joined(units: Unit[]): Promise<{ conversations: Conversation[]; leftOut: number }> {
  const { chats } = await overlaps(units);
  const tally = newTally();
  const conversations: Conversation[] = [];
  for (const unit of joinUnits(units, chats, same).units)
    for await (const conversation of unit.read(unit.files, tally)) conversations.push(conversation);
  checkTally(tally);
  return { conversations, leftOut: tally.dropped[IN_ANOTHER_EXPORT] ?? 0 };
}

const files = (...chats: Message[][]): Unit[] => chats.map((messages) => unitOf([messages]));

test('any number of overlapping exports, in any order, give the whole chat once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1000),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }),
      fc.nat(),
      async (seed, cuts, lengths, order) => {
        const whole = chat(40 * (cuts + 1), { seed });
        // each export begins 8 to 38 messages before the previous one ends
        const exports = Array.from({ length: cuts + 1 }, (_, i) =>
          whole.slice(Math.max(0, i * 40 - (i > 0 ? 8 + lengths[i - 1]! : 0)), (i + 1) * 40),
        );
        const turned = exports.map((_, i) => exports[(i + order) % exports.length]!);
        const { conversations, leftOut } = await joined(files(...turned));
        assert.deepEqual(
          conversations.map(({ messages }) => messages),
          [whole],
        );
        assert.equal(leftOut, exports.flat().length - whole.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('messages that only one of the exports still has stay, where they were written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.array(fc.nat(99), { maxLength: 25 }), async (seed, deleted) => {
      const whole = chat(100, { seed }).map((message, i) => ({ ...message, text: `${message.text} ${i}` }));
      const [one, other] = [0, 1].map((half) => whole.filter((_, i) => !(deleted.includes(i) && i % 2 === half)));
      const { conversations } = await joined(files(one!, other!));
      const texts = (messages: Message[]): string[] => messages.map(({ text }) => text);
      assert.deepEqual(
        conversations.map(({ messages }) => texts(messages).sort()),
        [texts(whole).sort()],
      );
      for (const { messages } of conversations)
        assert.ok(messages.every(({ time }, i) => i === 0 || time! >= messages[i - 1]!.time!));
    }),
    { numRuns: 60 },
  );
});

test('equal messages within one export all count', () => {
  const ok = (minute: number): Message => ({ from: 'Ann', time: START + minute * MINUTE, text: 'ok' });
  const { messages, duplicates } = mergeCopies(
    [
      [ok(0), ok(0), ok(1)],
      [ok(0), ok(1), ok(1)],
    ],
    same,
  );
  assert.deepEqual([messages, duplicates], [[ok(0), ok(0), ok(1), ok(1)], 2]);
});

test('of two equal messages in one minute, the one that both exports have is recognized by what stands around it', () => {
  const said = (from: string, text: string): Message => ({ from, time: START, text });
  const whole = [
    said('Ben', 'yes'),
    said('Ann', 'the lake'),
    said('Ben', 'on Sunday'),
    said('Ben', 'yes'),
    said('Ann', 'good'),
  ];
  const [one, other] = [whole, whole.slice(2)];
  assert.deepEqual(mergeCopies([one, other], same), { messages: whole, duplicates: 3 });
  assert.deepEqual(mergeCopies([other, one], same), { messages: whole, duplicates: 3 });
});

test('exports with and without seconds are compared by the minute, exports with seconds by the second', () => {
  const at = (seconds: number, text: string): Message => ({ from: 'Ann', time: START + seconds * 1000, text });
  const exact = [at(5, 'a'), at(70, 'b'), at(95, 'c')];
  const rounded = exact.map((message) => ({ ...message, time: Math.floor(message.time! / MINUTE) * MINUTE }));
  assert.deepEqual(mergeCopies([exact, rounded], same), { messages: exact, duplicates: 3 });
  const later = [at(97, 'c'), at(130, 'd')];
  assert.deepEqual(mergeCopies([exact, later], same).duplicates, 0);
});

test('a greeting to many is not a sign of one chat', async () => {
  const greeting = (minute: number): Message => ({
    from: 'Ann',
    time: START + minute * MINUTE,
    text: 'Happy new year, and see you soon!',
  });
  const chats = ['Ben', 'Carl', 'Dora'].map((other, seed) => {
    const own = chat(60, { seed, other });
    return [...own.slice(0, 30), greeting(30), greeting(31), greeting(32), ...own.slice(30)].sort(
      (a, b) => a.time! - b.time!,
    );
  });
  assert.deepEqual(await overlaps(files(...chats)), { chats: [], undecided: [] });
});

test('chats of one export are never copies of each other', async () => {
  const twice = [chat(40), chat(40)];
  assert.deepEqual(await overlaps([unitOf(twice)]), { chats: [], undecided: [] });
  assert.deepEqual(await overlaps(twice.map((messages) => unitOf([messages], ['export']))), {
    chats: [],
    undecided: [],
  });
  const accounts = ['old', 'new'].map((name) => unitOf([chat(40), chat(40, { seed: 7, other: 'Carl' })], [name]));
  assert.deepEqual((await overlaps(accounts)).chats, [
    [
      { unit: 0, conversation: 0 },
      { unit: 1, conversation: 0 },
    ],
    [
      { unit: 0, conversation: 1 },
      { unit: 1, conversation: 1 },
    ],
  ]);
});

test('warns where it cannot be decided, and keeps everything', async () => {
  const whole = chat(100);
  const shifted = whole.map((message) => ({ ...message, time: message.time! + 3 * 60 * MINUTE }));
  const timeless = whole.map((message) => ({ ...message, time: null }));
  const renamed = whole.map((message) => ({ ...message, from: `${message.from} Example` }));
  for (const other of [shifted, timeless, renamed]) {
    const { chats, undecided } = await overlaps(files(whole, other));
    assert.deepEqual([chats, undecided.map(({ units, what }) => [units, what])], [[], [[[0, 1], 'texts']]]);
  }
  // a short chat of which everything was also said in a busy one
  const busy = chat(100);
  const short = busy.filter(({ from }, i) => from === 'Ann' && i > 20 && i < 60 && i % 4 === 0);
  assert.deepEqual(
    (await overlaps(files(busy, short))).undecided.map(({ units, what, count }) => [units, what, count]),
    [[[0, 1], 'messages', short.length]],
  );
});

test('of many messages, a sample of the minutes still finds the overlap', async () => {
  const whole = chat(30_000, { seed: 3 });
  const { chats } = await overlaps(files(whole.slice(0, 16_000), whole.slice(15_000), chat(9000, { seed: 9 })), 4000);
  assert.deepEqual(chats, [
    [
      { unit: 0, conversation: 0 },
      { unit: 1, conversation: 0 },
    ],
  ]);
});
