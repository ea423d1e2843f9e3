import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { repairMojibake } from '../../src/sources/text/mojibake.ts';
import { asMojibake } from './read-source.ts';

test('repairs what Facebook writes', () => {
  for (const [broken, text] of [
    ['caf\u00c3\u00a9', 'café'],
    ['\u00f0\u009f\u0091\u008d', '👍'],
    ['\u00e2\u009d\u00a4', '❤'],
    ['Zo\u00c3\u00ab \u00c5\u0081', 'Zoë Ł'],
    ['\u00ef\u00bb\u00bfx', '\ufeffx'],
    ['\u00c2\u0085', '\u0085'],
  ] as const) {
    assert.deepEqual(repairMojibake(broken), { text, outcome: 'repaired' });
  }
});

test('keeps correct strings', () => {
  for (const text of ['', 'plain', 'a\u007f', 'Ł', '👍', 'caf\u00c3\u00a9 👍', '\ud800'])
    assert.deepEqual(repairMojibake(text), { text, outcome: 'untouched' });
});

test('keeps and counts strings that are not valid UTF-8', () => {
  // correct Latin-1 text, a truncated sequence, an overlong form, an encoded surrogate, a byte that UTF-8 never has
  for (const text of ['café', '\u00f0\u009f\u0091', '\u00c0\u00af', '\u00ed\u00a0\u0080', '\u00ff'])
    assert.deepEqual(repairMojibake(text), { text, outcome: 'failed' });
});

test('restores any text that Facebook has written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: mended, outcome } = repairMojibake(asMojibake(text));
      assert.equal(mended, text);
      assert.equal(outcome, /^[\x00-\x7f]*$/.test(text) ? 'untouched' : 'repaired');
    }),
  );
});
