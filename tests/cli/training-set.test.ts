import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../../src/artifacts/conversations.ts';
import { fittingPieces } from '../../src/cli/export/training-set/pieces.ts';
import { sampleLine } from '../../src/cli/export/training-set/sample-line.ts';
import { TOKENS_PER_MESSAGE, samplesOf } from '../../src/cli/export/training-set/samples.ts';
import type { SampleRules } from '../../src/cli/export/training-set/samples.ts';
import { UNSEEN } from '../../src/cli/export/training-set/turns.ts';

const MINUTE = 60_000;
const words = (text: string): number => text.split(/\s+/).length;
const RULES: SampleRules & { named: boolean } = {
  me: 'Ann',
  gapMs: 60 * MINUTE,
  mostTokens: 10_000,
  tokensOf: words,
  named: false,
};

/** `12 Ann: text` at minute 12; without a number, the time is unknown. */
const chat = (...lines: string[]): Message[] =>
  lines.map((line) => {
    const [, minute, from, text] = /^(\d*) ?([^:]*): ?(.*)$/s.exec(line)!;
    return { from: from!, time: minute === '' ? null : Number(minute) * MINUTE, text: text! };
  });
const shown = (messages: Message[], rules: Partial<typeof RULES> = {}): string[][] =>
  samplesOf(messages, { ...RULES, ...rules }).samples.map((turns) =>
    turns.map(({ mine, text }) => `${mine ? '>' : '<'} ${text}`),
  );

test('turns alternate: messages in a row are joined, and what follows my last message is left out', () => {
  const messages = chat(
    '0 Bob: hello',
    '1 Bob: there?',
    '2 Ann: yes',
    '50 Ann: what?',
    '51 Bob: nothing',
    '52 Bob: bye',
  );
  const { fates } = samplesOf(messages, RULES);
  assert.deepEqual(shown(messages), [['< hello\nthere?', '> yes\nwhat?']]);
  assert.deepEqual(fates, { learned: 2, context: 2, unanswered: 2, withoutMe: 0, empty: 0 });
});

test('my opening stays, behind a mark that tells nothing of it', () => {
  const messages = chat('0 Ann: hi', '1 Bob: hi you', '2 Ann: tea?');
  assert.deepEqual(shown(messages), [[`< ${UNSEEN}`, '> hi', '< hi you', '> tea?']]);
  assert.deepEqual(shown(chat('0 Ann: only me', '1 Ann: again')), [[`< ${UNSEEN}`, '> only me\nagain']]);
  assert.equal(samplesOf(messages, RULES).openings, 1);
});

test('a gap ends a conversation; a shorter one does not lose the answer', () => {
  const messages = chat('0 Bob: hello', '59 Ann: sorry, was away', '119 Bob: hm', '120 Ann: yes');
  assert.deepEqual(shown(messages), [
    ['< hello', '> sorry, was away'],
    ['< hm', '> yes'],
  ]);
  assert.deepEqual(shown(messages, { gapMs: 0 }), [['< hello', '> sorry, was away', '< hm', '> yes']]);
  assert.deepEqual(shown(chat('Bob: a', 'Ann: b')), [['< a', '> b']]);
});

test('in a group, messages of others begin with names, mine do not; nobody has no name', () => {
  const messages = chat(
    '0 Bob: one',
    '1 Bob: two',
    '2 Cy: three',
    '3 Ann: four',
    '4 Cy: five',
    '5 : - joined',
    '6 Ann: six',
  );
  assert.deepEqual(shown(messages, { named: true }), [
    ['< Bob: one\ntwo\nCy: three', '> four', '< Cy: five\n- joined', '> six'],
  ]);
});

test('conversations without me and empty messages are left out and counted', () => {
  const messages = chat('0 Bob: one', '1 Cy: two', '100 Bob: three', '101 Ann:  ', '102 Ann: [photo]', '103 Bob: ');
  assert.deepEqual(shown(messages), [['< three', '> [photo]']]);
  assert.deepEqual(samplesOf(messages, RULES).fates, {
    learned: 1,
    context: 1,
    unanswered: 0,
    withoutMe: 2,
    empty: 2,
  });
});

test('a conversation that is too long is cut at its longest silence, and an answer keeps what it answers', () => {
  const lines = ['0 Bob: a a', '1 Ann: b b', '2 Bob: c c', '3 Ann: d d', '9 Bob: e e', '10 Ann: f f'];
  const mostTokens = 4 * (2 + TOKENS_PER_MESSAGE);
  assert.deepEqual(shown(chat(...lines), { mostTokens }), [
    ['< a a', '> b b', '< c c', '> d d'],
    ['< e e', '> f f'],
  ]);
  // The longest silence is between a message and its answer, or among messages that are answered together.
  const asked = chat('0 Bob: a a', '1 Ann: b b', '3 Bob: c c', '9 Ann: d d', '10 Bob: e e', '11 Ann: f f');
  assert.deepEqual(shown(asked, { mostTokens }), [
    ['< a a', '> b b'],
    ['< c c', '> d d', '< e e', '> f f'],
  ]);
  const twice = chat('0 Bob: a a', '1 Ann: b b', '3 Bob: c c', '9 Bob: d d', '10 Ann: e e');
  assert.deepEqual(shown(twice, { mostTokens }), [
    ['< a a', '> b b'],
    ['< c c\nd d', '> e e'],
  ]);
  // Nothing of mine is before the last message: the context is cut.
  const told = chat('0 Bob: a a', '1 Bob: b b', '9 Bob: c c', '10 Bob: d d', '11 Ann: e e');
  assert.deepEqual(shown(told, { mostTokens }), [['< c c\nd d', '> e e']]);
  const { cut, longer, fates } = samplesOf(asked, { ...RULES, mostTokens });
  assert.deepEqual([cut, longer, fates.learned + fates.context], [1, 0, 6]);
});

test('without times, a conversation that is too long is cut in the middle; a long message stays whole', () => {
  const lines = ['Bob: a', 'Ann: b', 'Bob: c', 'Ann: d', 'Bob: e', 'Ann: f', 'Bob: g', 'Ann: h'];
  assert.deepEqual(
    shown(chat(...lines), { mostTokens: 7 * 6 }).map((sample) => sample.length),
    [4, 4],
  );
  const long = chat('0 Bob: a', `1 Ann: ${'long '.repeat(99)}end`, '2 Bob: b', '3 Ann: c');
  const made = samplesOf(long, { ...RULES, mostTokens: 40 });
  assert.deepEqual([made.longer, made.fates.learned], [1, 2]);
});

test('texts that look like control tokens are counted, not changed', () => {
  const messages = chat('0 Bob: <|im_end|>', '1 Ann: see <image>', '2 Bob: a < b |> c', '3 Ann: [photo] </s>');
  const { controls, samples } = samplesOf(messages, RULES);
  assert.equal(controls, 3);
  assert.equal(samples[0]![0]!.text, '<|im_end|>');
});

test('a line is JSON that other languages read: no lone surrogate, other fields only where they are allowed', () => {
  const turns = [
    { mine: false, text: 'a\ud83d "b"\n\u2028' },
    { mine: true, text: '😀' },
  ];
  assert.equal(
    sampleLine(turns, 'messages'),
    '{"messages":[{"role":"user","content":"a\ufffd \\"b\\"\\n\u2028","train":false},{"role":"assistant","content":"😀","train":true}]}\n',
  );
  assert.equal(
    sampleLine(turns, 'sharegpt'),
    '{"conversations":[{"from":"human","value":"a\ufffd \\"b\\"\\n\u2028"},{"from":"gpt","value":"😀"}]}\n',
  );
});

// --- properties ------------------------------------------------------------

const anyChat = fc
  .array(
    fc.record({
      from: fc.constantFrom('Ann', 'Bob', 'Cy', ''),
      after: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.constant(null)),
      words: fc.integer({ min: 0, max: 12 }),
    }),
    { maxLength: 40 },
  )
  .map((lines) => {
    let time = 0;
    return lines.map(({ from, after, words }, i): Message => {
      time += (after ?? 0) * MINUTE;
      return { from, time: after === null ? null : time, text: Array(words).fill(`w${i}`).join(' ') };
    });
  });
const anyRules = fc.record({
  mostTokens: fc.integer({ min: 16, max: 120 }),
  gapMs: fc.constantFrom(0, 30 * MINUTE, 80 * MINUTE),
  named: fc.boolean(),
});

test('property: every message has one fate, and each kept one is in the samples once, in order', () => {
  fc.assert(
    fc.property(anyChat, anyRules, (messages, rules) => {
      const { samples, fates } = samplesOf(messages, { ...RULES, ...rules });
      const sum = Object.values(fates).reduce((total, count) => total + count, 0);
      assert.equal(sum, messages.length);
      const lines = samples.flatMap((turns) => turns.flatMap(({ text }) => text.split('\n')));
      const kept = lines.filter((line) => line !== UNSEEN).map((line) => Number(/\bw(\d+)/.exec(line)![1]));
      assert.equal(kept.length, fates.learned + fates.context);
      assert.deepEqual(
        kept,
        [...new Set(kept)].sort((a, b) => a - b),
      );
      const mine = messages.filter(({ from, text }) => from === 'Ann' && text !== '').length;
      assert.equal(fates.learned, mine, 'no message of mine is lost');
    }),
    { numRuns: 500 },
  );
});

test('property: roles alternate, the last turn is mine, and only my words are in my turns', () => {
  fc.assert(
    fc.property(anyChat, anyRules, (messages, rules) => {
      for (const turns of samplesOf(messages, { ...RULES, ...rules }).samples) {
        assert.ok(turns.length > 0 && turns.length % 2 === 0);
        for (const [i, { mine, text }] of turns.entries()) {
          assert.equal(mine, i % 2 === 1);
          for (const [, number] of text.matchAll(/\bw(\d+)/g))
            assert.equal(messages[Number(number)]!.from === 'Ann', mine);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('property: a sample is within the limit, or a single message', () => {
  fc.assert(
    fc.property(anyChat, anyRules, (messages, rules) => {
      const { samples, longer } = samplesOf(messages, { ...RULES, ...rules });
      const above = samples.filter((turns) => {
        const lines = turns.flatMap(({ text }) => text.split('\n'));
        return lines.reduce((sum, line) => sum + words(line) + TOKENS_PER_MESSAGE, 0) > rules.mostTokens;
      });
      assert.ok(above.every((turns) => turns.flatMap(({ text }) => text.split('\n')).length <= 2)); // with […]
      assert.ok(longer >= above.length);
    }),
    { numRuns: 500 },
  );
});

/** The cuts that are allowed, told by the words of the rule instead of by its code. */
test('property: no other place for the first cut has a longer silence', () => {
  const message = fc.record({ mine: fc.boolean(), silence: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(fc.array(message, { minLength: 4, maxLength: 20 }), (lines) => {
      let time = 0;
      const messages = [...lines, { mine: true, silence: 1 }].map(({ mine, silence }) => ({
        mine,
        tokens: 10,
        time: (time += silence),
      }));
      const { pieces } = fittingPieces(messages, { most: 10 * messages.length - 1, opening: 0 });
      if (messages.findIndex(({ mine }) => mine) === messages.length - 1) return; // only the context is cut
      assert.equal(pieces.length, 2);
      const cut = pieces[1]!.first;
      /** The longest silence that a cut before message `i` stands for: up to the answer. */
      const stands = (i: number): number => {
        let [longest, at] = [messages[i]!.time - messages[i - 1]!.time, i];
        while (!messages[at]!.mine) {
          at++;
          longest = Math.max(longest, messages[at]!.time - messages[at - 1]!.time);
        }
        return longest;
      };
      const allowed = messages.flatMap((_, i) => (i > 0 && messages[i - 1]!.mine ? [i] : []));
      assert.ok(allowed.includes(cut));
      assert.equal(stands(cut), Math.max(...allowed.map(stands)));
    }),
    { numRuns: 500 },
  );
});

test('property: the same conversation gives the same lines', () => {
  fc.assert(
    fc.property(anyChat, anyRules, fc.constantFrom('messages' as const, 'sharegpt' as const), (messages, rules, as) => {
      const lines = (): string[] =>
        samplesOf(messages, { ...RULES, ...rules }).samples.map((turns) => sampleLine(turns, as));
      assert.deepEqual(lines(), lines());
    }),
    { numRuns: 50 },
  );
});
