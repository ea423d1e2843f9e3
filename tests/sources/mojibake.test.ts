import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mendMojibake } from '../../src/sources/text/mojibake.ts';
import { asMojibake } from './read-source.ts';

test('what Facebook writes is mended', () => {
  for (const [broken, text] of [
    ['caf\u00c3\u00a9', 'café'],
    ['\u00f0\u009f\u0091\u008d', '👍'],
    ['\u00e2\u009d\u00a4', '❤'],
    ['Zo\u00c3\u00ab \u00c5\u0081', 'Zoë Ł'],
    ['\u00ef\u00bb\u00bfx', '\ufeffx'],
    ['\u00c2\u0085', '\u0085'],
  ] as const) {
    assert.deepEqual(mendMojibake(broken), { text, outcome: 'repaired' });
  }
});

test('what is right already stays', () => {
  for (const text of ['', 'plain', 'a\u007f', 'Ł', '👍', 'caf\u00c3\u00a9 👍', '\ud800'])
    assert.deepEqual(mendMojibake(text), { text, outcome: 'untouched' });
});

test('what is no UTF-8 stays and is counted', () => {
  // right Latin-1 text, a cut sequence, an overlong form, an encoded surrogate, a byte that UTF-8 never has
  for (const text of ['café', '\u00f0\u009f\u0091', '\u00c0\u00af', '\u00ed\u00a0\u0080', '\u00ff'])
    assert.deepEqual(mendMojibake(text), { text, outcome: 'failed' });
});

test("mending undoes Facebook's writing of any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: mended, outcome } = mendMojibake(asMojibake(text));
      assert.equal(mended, text);
      assert.equal(outcome, /^[\x00-\x7f]*$/.test(text) ? 'untouched' : 'repaired');
    }),
  );
});
