import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { get_encoding } from 'tiktoken';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import { gpt2 } from '../../src/tokenizer/gpt2/identity.ts';
import { tokenizerWith } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { lineEndIds } from '../../src/tokenizer/tokenizer.ts';
import { openPlainWords } from '../../src/tokenizer/plain-words.ts';
import { NO_SHARED_DATA, sharedData } from '../artifacts/on-disk.ts';

const { vocabJson, mergesText } = readVocabulary();
const encoding = byteLevelTokenizer(vocabJson, mergesText);
const reference = get_encoding('gpt2');

test('known ids of GPT-2', () => {
  assert.equal(encoding.vocabularySize, 50257);
  assert.equal(encoding.separator, 50256);
  const anchors: [string, number[]][] = [
    ['', []],
    ['\n', [198]],
    ['\n\n', [628]],
    ['hello world', [31373, 995]],
    ['<|endoftext|>', [27, 91, 437, 1659, 5239, 91, 29]],
    ['<|startoftext|>', [27, 91, 9688, 1659, 5239, 91, 29]],
    ["I'll they're don't", [40, 1183, 484, 821, 836, 470]],
  ];
  for (const [text, ids] of anchors) assert.deepEqual(encoding.encode(text), ids, JSON.stringify(text));
});

test("every character has the class that OpenAI's encoder gives it", () => {
  const wrong: string[] = [];
  // The reference package supports Unicode 17. An older Node treats the newest letters as symbols, so only the characters
  // it knows are compared. Planes 4 to 13 have no characters, so a few of their code points are enough.
  const known = process.versions.unicode === '17.0' ? /./su : /\P{Cn}/u;
  const codes = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => !(code >= 0xd800 && code < 0xe000) && (code < 0x40000 || code >= 0xe0000 || code % 97 === 0))
    .filter((code) => known.test(String.fromCodePoint(code)));
  for (let at = 0; at < codes.length; at += 256) {
    const characters = codes.slice(at, at + 256).map((code) => String.fromCodePoint(code));
    if (!agrees(characters.map((c) => `a${c}a 1${c}1 ${c}`).join('\n')))
      wrong.push(`near U+${codes[at]!.toString(16)}`);
  }
  assert.deepEqual(wrong, []);
});

test("random text gives the ids of OpenAI's encoder, and decodes to itself", () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 200 });
  const anyUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units));
  const traps = [
    '\u0085',
    '\ufeff',
    '\u00a0',
    '\u1680',
    '\u2003',
    '\u2028',
    '\u3000',
    ' ',
    '  ',
    '\n',
    '\t',
    '\r\n',
    "'s",
    "'LL",
    "'",
    'a',
    'Word',
    '12',
    '½',
    '٣',
    'é',
    'e\u0301',
    '中文',
    '👍🏽',
    '\ud800',
    '\udc00',
    '!?',
    '<|endoftext|>',
  ];
  const trapText = fc.array(fc.constantFrom(...traps), { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(anyText, anyUnits, trapText), (text) => {
      const ids = encoding.encode(text);
      assert.deepEqual(ids, [...reference.encode_ordinary(text)]);
      assert.ok(!ids.includes(encoding.separator));
      assert.equal(encoding.decode(ids), wellFormed(text));
    }),
    { numRuns: 4000 },
  );
});

test('a long text gives the same ids in parts as in one piece', () => {
  const pieces = ['word', ' and', ' ', '\n\n', '\u3000', '!', '7', '。', "'s", '   '];
  fc.assert(
    fc.property(fc.infiniteStream(fc.constantFrom(...pieces)), (stream) => {
      const text = [...stream.take(16_000)].join('');
      assert.deepEqual(encoding.encode(text), [...reference.encode_ordinary(text)]);
    }),
    { numRuns: 10 },
  );
  // A word across the end of the first window, and one that is longer than a window. Not longer than that takes: tiktoken's
  // time grows with the square of a word's length.
  const { windowBytes } = openPlainWords(new Int32Array(256), new Int32Array(0));
  const words = 'so it is '.repeat(windowBytes / 10);
  for (const unit of ['ab', ' ', '\n', '!', '語', '𒀀', '\ud800', "it's é ", 'a b, ']) {
    const text = words + unit.repeat(7000);
    assert.ok(Buffer.byteLength(text) > windowBytes + 300, JSON.stringify(unit));
    assert.ok(agrees(text), JSON.stringify(unit));
    assert.equal(encoding.decode(encoding.encode(text)), wellFormed(text));
  }
  assert.ok(agrees('語'.repeat(windowBytes / 3 + 100)));
});

test('plain text, which is read 64 bytes at a time: every boundary, contraction and run of white space', () => {
  const pieces = [
    "'s",
    "'re",
    "'ll",
    "'d",
    "'",
    "''",
    'a',
    'It',
    'word',
    'characters',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t ',
    '1',
    '42',
    '1600000000999',
    '!',
    '...',
    '<',
    ')',
    'é',
    'Pok',
    ' n',
    '\u3000',
    '\0',
    'x'.repeat(15),
    'y'.repeat(16),
    'z'.repeat(70),
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 20, maxLength: 90 }), (parts) => {
      const text = parts.join('');
      assert.deepEqual(encoding.encode(text), [...reference.encode_ordinary(text)]);
    }),
    { numRuns: 6000 },
  );
  for (let shift = 0; shift < 70; shift++)
    for (const piece of ["n't", "'ve ", '  b', '\n\nA', ' 12345678 ', 'é'])
      assert.ok(
        agrees(
          `${'a'.repeat(shift % 13)} ${'bc '.repeat(shift)}${piece} and so on, until there are enough bytes behind it to fill what is looked at`,
        ),
        `${shift} ${piece}`,
      );
});

test('the table of known words is emptied when it is full', () => {
  const letters = (number: number): string =>
    number.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));
  const names = (from: number): string => Array.from({ length: 300_000 }, (_, i) => letters(from + i)).join(' ');
  for (const text of [names(0), names(200_000)]) assert.ok(agrees(text));
});

test('decoding replaces cut characters by U+FFFD, drops separators, keeps a byte order mark, and refuses unknown ids', () => {
  const [first, ...rest] = encoding.encode('🌍');
  assert.equal(encoding.decode([first!]), '\ufffd');
  assert.equal(encoding.decode([first!, ...rest]), '🌍');
  assert.equal(encoding.decode([31373, 50256, 995, 50256]), 'hello world');
  assert.equal(encoding.decode(encoding.encode('\ufeffx')), '\ufeffx');
  assert.throws(() => encoding.decode([50257]), /50257 is not a token id/);
  assert.throws(() => encoding.decode([-1]), RangeError);
});

test('vocabulary files that do not match are refused', () => {
  assert.throws(() => byteLevelTokenizer('{"a": 0}', mergesText), /no <\|endoftext\|>/);
  assert.throws(() => byteLevelTokenizer(vocabJson, '#version\na nowhere\n'), /line 2 of the merges/);
  assert.throws(
    () => byteLevelTokenizer('{"a": 0, "<|endoftext|>": 5}', mergesText),
    /ids of the vocabulary must be 0 to 1/,
  );
  assert.throws(() => byteLevelTokenizer('{"a": 0, "<|endoftext|>": 1}', mergesText), /no piece for byte 0/);
  assert.throws(() => byteLevelTokenizer(vocabJson, '#version\n<|endof text|>\n'), /line 2 of the merges/);
});

test('matches golden pairs of another implementation', (t) => {
  const path = sharedData('r50k-golden/TestPlans.txt');
  if (!path) return t.skip(NO_SHARED_DATA);
  const blocks = readFileSync(path, 'utf8')
    .split(/^EncodingName: /m)
    .filter((block) => block.startsWith('r50k_base\n'));
  assert.equal(blocks.length, 64);
  for (const block of blocks) {
    const [, sample, ids] = /^r50k_base\nSample: ([\s\S]*)\nEncoded: (\[[\d, ]*\])\s*$/.exec(block)!;
    assert.deepEqual(encoding.encode(sample!), JSON.parse(ids!));
    assert.equal(encoding.decode(JSON.parse(ids!) as number[]), sample);
  }
});

// All of it: real-chats.slow.ts
test("the beginning of every real chat gives the ids of OpenAI's encoder", (t) => {
  const dirs = [sharedData('self-dialogue'), sharedData('ubuntu-irc')].filter((dir) => dir !== null);
  if (dirs.length === 0) return t.skip(NO_SHARED_DATA);
  for (const dir of dirs)
    for (const name of readdirSync(dir))
      assert.ok(agrees(readFileSync(join(dir, name), 'utf8').slice(0, 20_000)), name);
});

function agrees(text: string): boolean {
  const ids = encoding.encode(text);
  const wanted = reference.encode_ordinary(text);
  return ids.length === wanted.length && ids.every((id, i) => id === wanted[i]);
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

test('the ids that end a line are those whose bytes end with a line feed', () => {
  const ids = lineEndIds(encoding);
  assert.ok(ids.has(198) && ids.has(628) && !ids.has(50256) && !ids.has(25));
  for (const id of ids) assert.equal(encoding.decode([id]).at(-1), '\n');
});

test('the bytes of an id are those it decodes to; a separator and an unknown id have none', () => {
  for (const id of [0, 198, 31373, 50255])
    assert.equal(new TextDecoder().decode(encoding.bytesOf(id)), encoding.decode([id]), `id ${id}`);
  for (const id of [50256, 50257, 60000]) assert.equal(encoding.bytesOf(id).length, 0, `id ${id}`);
});

test("the constants for GPT-2's vocabulary match its files", () => {
  const { vocabularySize, separator } = openTokenizer(gpt2);
  assert.deepEqual([gpt2.vocabularySize, gpt2.separator], [vocabularySize, separator]);
  assert.equal((JSON.parse(vocabJson) as Record<string, number>)[gpt2.separatorText], gpt2.separator);
  assert.equal(tokenizerWith(gpt2.vocabulary)?.name, 'gpt2');
  assert.equal(tokenizerWith('another'), null);
  assert.throws(() => openTokenizer({ name: 'another' }), /unknown tokenizer "another"/);
});
