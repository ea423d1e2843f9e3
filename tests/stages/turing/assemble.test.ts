import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Value } from '@sinclair/typebox/value';
import type { KeyEntry, PairKind, Question } from '../../../src/artifacts/questions.ts';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { assemble } from '../../../stages/turing/assemble.ts';
import type { Pair } from '../../../stages/turing/pairs.ts';
import { params as schema, type Params } from '../../../stages/turing/params.ts';
import { readerOf, windowsOf } from './windows-kit.ts';

const paramsOf = (given: Partial<Params>): Params => Value.Parse(closedObject(schema), given);
const windows = windowsOf(200, readerOf('{name}: {text}'));

function pairOf(kind: PairKind, index: number): Pair {
  const window = windows[index]!;
  const facts = { chars: 1, tokens: 1, longestRun: 0, punctuation: 0, logProbability: -1, recited: 0 };
  const ranks: [number, number, number] = [0, 0, 0];
  const generated = window.text.map(({ who }, i) => ({ who, text: `generated ${index} ${i}` }));
  return {
    kind,
    rival: kind === 'catch' ? 'ngram' : 'large',
    window,
    draw: 0,
    flags: [],
    first: { ...facts, ranks, lines: kind === 'duel' ? generated : window.text },
    second: { ...facts, ranks, lines: generated.map(({ who, text }) => ({ who, text: `other ${text}` })), chars: 2 },
    margins: null,
  };
}

const asked = [
  ...Array.from({ length: 100 }, (_, i) => pairOf('question', i)),
  ...Array.from({ length: 10 }, (_, i) => pairOf('catch', 100 + i)),
  ...Array.from({ length: 10 }, (_, i) => pairOf('duel', 110 + i)),
];
const isGenerated = (text: Question['a']): boolean => text[0]![1].includes('generated');

function assembled(given: Partial<Params>): { questions: Question[]; key: KeyEntry[] } {
  return assemble(asked, [pairOf('automatic', 150)], paramsOf(given));
}

test('the key tells which side is real, and the questions do not', () => {
  const { questions, key } = assembled({});
  assert.equal(questions.length, 125);
  assert.equal(key.length, 126);
  for (const [i, question] of questions.entries()) {
    const { id, kind, real, model, chars } = key[i]!;
    assert.equal(question.id, id);
    assert.deepEqual(Object.keys(question), ['id', 'design', 'context', 'a', 'b']);
    if (kind === 'duel') {
      assert.equal(question[model!]![0]![1].startsWith('generated'), true);
      assert.equal(real, null);
    } else assert.equal(isGenerated(question[real!]!), false);
    assert.deepEqual(chars, (real ?? model) === 'a' ? [1, 2] : [2, 1]);
  }
  const written = JSON.stringify(questions);
  for (const word of ['real', 'rival', 'large', 'ngram', 'question"', 'catch'])
    assert.ok(!written.includes(word), word);
  const left = key.filter(({ kind, real }) => kind === 'question' && real === 'a').length;
  assert.ok(left >= 35 && left <= 65);
  assert.deepEqual(
    questions.map(({ id }) => id),
    questions.map((_, i) => `q${String(i + 1).padStart(3, '0')}`),
  );
});

test('repetitions come later, with their sides changed', () => {
  const { questions, key } = assembled({});
  const repeats = key.flatMap((entry, i) => (entry.kind === 'repeat' ? [{ entry, i }] : []));
  assert.equal(repeats.length, 5);
  for (const { entry, i } of repeats) {
    const first = key.findIndex(({ id }) => id === entry.of);
    assert.ok(first >= 0 && first < i && key[first]!.kind === 'question');
    assert.deepEqual(questions[i]!.a, questions[first]!.b);
    assert.deepEqual(questions[i]!.b, questions[first]!.a);
    assert.notEqual(entry.real, key[first]!.real);
  }
});

test('single texts: half are real, in blocks, and nobody sees both texts of a pair', () => {
  const { questions, key } = assembled({ design: 'single', repeats: 0 });
  for (const [i, question] of questions.entries()) {
    const { kind, real } = key[i]!;
    assert.equal(question.design, kind === 'duel' ? 'pair' : 'single');
    assert.equal('b' in question, kind === 'duel');
    if (kind !== 'duel') assert.equal(isGenerated(question.a), real === 'b');
  }
  const shownReal = key.filter(({ real }) => real === 'a').length;
  assert.ok(shownReal > 45 && shownReal < 65, String(shownReal));
});

test('a single text that asks whether a judge pays attention is never the real one', () => {
  for (const seed of [1, 2, 3]) {
    const { questions, key } = assembled({ design: 'single', seed });
    const catches = key.flatMap(({ kind, real }, i) => (kind === 'catch' ? [{ real, shown: questions[i]!.a }] : []));
    assert.equal(catches.length, 10);
    for (const { real, shown } of catches) assert.deepEqual([real, isGenerated(shown)], ['b', true]);
  }
  const { key } = assembled({});
  assert.equal(new Set(key.flatMap(({ kind, real }) => (kind === 'catch' ? [real] : []))).size, 2, 'pairs have sides');
});

test('letters hide the names, and are the same in both texts', () => {
  const { questions } = assembled({});
  for (const { context, a, b } of questions)
    for (const [who] of [...context, ...a, ...b!]) assert.match(who, /^[A-C]$/);
  assert.equal(questions[0]!.context[0]![0], 'A');
  assert.ok(assembled({ names: 'shown' }).questions[0]!.context.every(([who]) => ['Ann', 'Ben'].includes(who)));
});

test('the same seed makes the same test, another one another', () => {
  assert.deepEqual(assembled({ seed: 4 }), assembled({ seed: 4 }));
  assert.notDeepEqual(assembled({ seed: 4 }).questions, assembled({ seed: 5 }).questions);
});
