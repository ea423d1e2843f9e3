import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import { parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { newLossTally } from '../../src/lm/training/loss-tally.ts';
import {
  MOST_SPEAKERS,
  TOKEN_CLASSES,
  classNumber,
  classOfLabel,
  labelOf,
  labelTokens,
  speakerOfLabel,
} from '../../src/tokenizer/token-labels.ts';

const { vocabJson, mergesText } = readVocabulary();
const encoding = byteLevelTokenizer(vocabJson, mergesText);

/** Each token of a line with the first letter of its class, such as `(/s`. */
function classed(template: string, message: { from: string; time: number | null; text: string }): string {
  const pieces = parseTemplate(template).pieces(message);
  const text = pieces.map((piece) => piece.text).join('');
  const ids = encoding.encode(text);
  const labels = labelsOf(
    ids,
    pieces.map((piece) => ({ text: piece.text, label: labelOf(piece.class, 1) })),
  );
  return ids.map((id, index) => `${encoding.decode([id])}/${classOfLabel(labels[index]!)[0]}`).join('|');
}

function labelsOf(ids: number[], stretches: { text: string; label: number }[]): Uint16Array {
  let end = 0;
  const ends = stretches.map(({ text }) => (end += Buffer.byteLength(text)));
  const labels = new Uint16Array(ids.length);
  const classes = new Uint32Array(TOKEN_CLASSES.length);
  labelTokens(
    Uint16Array.from(ids),
    0,
    ids.length,
    encoding.byteLengths,
    Uint32Array.from(stretches.flatMap(({ label }, i) => [ends[i]!, label])),
    labels,
    classes,
  );
  assert.deepEqual(
    [...classes],
    TOKEN_CLASSES.map((_, i) => labels.filter((label) => classNumber(label) === i).length),
  );
  return labels;
}

test('the tokens of a line are stamp, name and text; a token across a boundary has the class of its last byte', () => {
  const message = { from: 'Ann Lee', time: 1600000000999, text: 'hello :) there' };
  assert.equal(
    classed('({ms}) {name}: {text}', message),
    '(/s|16/s|00000000/s|999/s|)/s| Ann/n| Lee/n|:/n| hello/t| :)/t| there/t',
  );
  assert.equal(classed('{name}: {text}', message), 'Ann/n| Lee/n|:/n| hello/t| :)/t| there/t');
  assert.equal(classed('<{text}> by {name}', { ...message, text: 'x' }), '</t|x/t|>/t| by/t| Ann/n| Lee/n');
  assert.equal(classed('({ms}) {name}: {text}', { from: '', time: null, text: 'alone' }), 'alone/t');
});

test('a label contains class and speaker, and speakers beyond the maximum share the last number', () => {
  for (const tokenClass of TOKEN_CLASSES)
    for (const speaker of [0, 1, 77, MOST_SPEAKERS])
      assert.deepEqual(
        [classOfLabel(labelOf(tokenClass, speaker)), speakerOfLabel(labelOf(tokenClass, speaker))],
        [tokenClass, speaker],
      );
  assert.equal(speakerOfLabel(labelOf('name', MOST_SPEAKERS + 5)), MOST_SPEAKERS);
  assert.ok(labelOf('separator', MOST_SPEAKERS) <= 65535);
});

test('any text has as many labels as ids, and the bytes per label differ from the stretches by at most one token', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 6 }), (texts) => {
      const ids = encoding.encode(texts.join(''));
      const labels = labelsOf(
        ids,
        texts.map((text, label) => ({ text, label })),
      );
      assert.equal(labels.length, ids.length);
      for (let index = 1; index < labels.length; index++) assert.ok(labels[index]! >= labels[index - 1]!, 'in order');
    }),
  );
});

test('mean losses by class and by speaker', () => {
  const tally = newLossTally();
  tally.add([labelOf('name', 1), labelOf('text', 1), labelOf('text', 2)], [1, 2, 4]);
  tally.add([labelOf('text', 2), labelOf('separator', 0)], [6, 0.5]);
  assert.deepEqual(tally.means(['Ann', 'Ben']), {
    classes: { name: { loss: 1, tokens: 1 }, text: { loss: 4, tokens: 3 }, separator: { loss: 0.5, tokens: 1 } },
    speakers: [
      { name: 'Ann', loss: 1.5, tokens: 2 },
      { name: 'Ben', loss: 5, tokens: 2 },
    ],
  });
});
