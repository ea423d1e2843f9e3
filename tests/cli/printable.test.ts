import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { guard, jsonText, printable, sgr, shown } from '../../src/cli/screen/printable.ts';

const FORBIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/;
const NASTY = [
  '\x1b]0;title\x07',
  '\x1b]52;c;aGk=\x07',
  '\x1b[31m',
  '\x1b[31;123456789m',
  '\x9b2J',
  '\u202Eabc',
  '\r\x1b[1A',
  '\x7f',
  '\u2066',
];

test('no control character and no mark of direction of a stranger is written; line ends and tabs are', () => {
  for (const text of NASTY) assert.ok(!FORBIDDEN.test(shown(`a${text}b`)), JSON.stringify(text));
  assert.equal(shown('a\tb\nc'), 'a\tb\nc');
  assert.equal(shown('\x1b[31m\x7f\x9b'), '␛[31m␡\uFFFD');
  assert.equal(shown('שלום größe 👩‍👩‍👧 日本'), 'שלום größe 👩‍👩‍👧 日本');
  const texts = fc
    .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY)))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, (text) => !FORBIDDEN.test(shown(text)) && printable(printable(text)) === printable(text)),
  );
});

test('our own colours pass, and only they', () => {
  assert.equal(shown(`${sgr(1)}a\x1b[1m${sgr(22)}`), '\x1b[1ma␛[1m\x1b[22m');
});

test('JSON keeps its characters as escapes', () => {
  const value = { text: NASTY.join('') };
  assert.ok(!FORBIDDEN.test(jsonText(value)));
  assert.deepEqual(JSON.parse(jsonText(value, 2)), value);
});

test('whatever is written to a guarded stream is shown', () => {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  guard(stream);
  stream.write(`x${NASTY.join('')}`);
  stream.write(`${sgr(1)}y`, () => {});
  assert.equal((stream.read() as Buffer).toString(), `${shown(`x${NASTY.join('')}`)}\x1b[1my`);
});
