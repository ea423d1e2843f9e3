import type { BlindTest, JudgedByProgram, KeyEntry } from '../../src/artifacts/questions.ts';

const judged: JudgedByProgram = { pairs: 2, right: 1, accuracy: 0.5, low: 0.01, high: 0.99, p: 1, auc: 0.5 };
const programs = { length: judged, likelihood: judged, surface: judged, recite: judged };

export const keyEntry = (given: Partial<KeyEntry>): KeyEntry => ({
  id: 'q001',
  kind: 'question',
  real: 'a',
  rival: 'model',
  person: 1,
  document: 0,
  line: 1,
  seed: 1,
  draw: 0,
  chars: [2, 3],
  tokens: [2, 2],
  logProbability: [-2, -3],
  ranks: [
    [0.5, 1, 1],
    [0, 0.5, 1],
  ],
  longestRun: [0, 0],
  recited: [0, 0],
  punctuation: [0, 0],
  flags: [],
  margins: null,
  ...given,
});

/** A blind test with two questions, written by hand. */
export const blindTest = (): BlindTest => ({
  questions: [
    { id: 'q001', design: 'pair', context: [['A', 'hi']], a: [['B', 'ho']], b: [['B', 'hey']] },
    { id: 'q002', design: 'pair', context: [['B', 'what']], a: [['A', 'nothing']], b: [['A', 'all of it']] },
  ],
  key: [
    keyEntry({ margins: { length: -1, likelihood: 0.5, surface: 0.1, recite: 0 } }),
    keyEntry({ id: 'q002', real: 'b', document: 1, margins: { length: 2, likelihood: -0.5, surface: 0.1, recite: 0 } }),
    keyEntry({ id: 'ngram-001', kind: 'floor', rival: 'ngram', document: 1 }),
  ],
  report: {
    format: 'chat-runner/questions/1',
    design: 'pair',
    seed: 1,
    split: 'test',
    models: ['model'],
    asked: { questions: 2, catch: 0, repeats: 0, duels: 0 },
    automatic: 2,
    context: 1,
    lines: 1,
    turns: 'asReal',
    names: 'letters',
    conversations: { seen: 3, fitting: 2, unfit: { 'too few lines': 1 } },
    realInTrain: 0,
    floors: { ngram: { programs } },
    leftOut: { eliza: 'no English' },
    byModel: {
      model: {
        drawn: 2,
        passedOver: { 'ended early': 1 },
        passedOverShare: 0.5,
        otherLengthShare: 0.25,
        draws: 3,
        tokens: 90,
        otherLength: 1,
        firstDraws: { moreCharacters: 1.5, longer: 0.5 },
        memorized: { generated: 0, real: 0 },
        recited: { generated: { share: 0, longest: 3 }, real: { share: 0, longest: 4 } },
        formFaults: {},
        health: {
          generated: { lines: 2, empty: 0, repeated: 0, overLong: 0, copied: 0, emoji: 0, medianLength: 4 },
          real: { lines: 2, empty: 0, repeated: 0, overLong: 0, copied: 0, emoji: 0, medianLength: 6 },
          longest: 7,
          p: { empty: 1, repeated: 1, overLong: 1, copied: 1, emoji: 1, medianLength: 1 },
          parts: [],
        },
        diversity: {
          generated: { distinct1: 1, distinct2: 1, selfBleu3: 0, zlib: 1.2 },
          real: { distinct1: 1, distinct2: 1, selfBleu3: 0, zlib: 1.2 },
        },
        programs,
      },
    },
    realAgainstReal: { programs },
    warnings: [{ code: 'passed over', text: 'not a fair sample' }],
  },
  persons: { 1: 'Ann', 2: 'Ben' },
});
