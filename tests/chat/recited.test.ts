import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { openTokens, openTokensWriter, type TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import { lineFormOf } from '../../src/chat/line-form.ts';
import { longestRecited, MOST_SEARCHED } from '../../src/chat/recited.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { labelOf, labelTokens } from '../../src/tokenizer/token-labels.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { tokenizer } from './kit.ts';

type Line = [from: string, text: string];

const MINUTE = 60_000;

/** Tokens as the tokenize stage writes them, of conversations whose lines are a minute apart. */
function trainOf(context: TestContext, template: string, conversations: Line[][]): TokenSplit {
  const dir = temporaryDir(context);
  const writer = openTokensWriter(dir, {
    tokenizer: defaultTokenizer,
    vocabularySize: tokenizer.vocabularySize,
    separator: tokenizer.separator,
    ending: 'separator',
    template,
  });
  const { pieces } = parseTemplate(template);
  for (const lines of conversations) {
    const all = lines.flatMap(([from, text], i) => [
      ...pieces({ from, time: 1.5e12 + i * MINUTE, text }, null),
      { class: 'text' as const, text: '\n' },
    ]);
    const text = all.map((piece) => piece.text).join('');
    const ids = Uint16Array.from(tokenizer.encode(text));
    let end = 0;
    const stretches = all.flatMap((piece) => [(end += Buffer.byteLength(piece.text)), labelOf(piece.class, 1)]);
    const labels = new Uint16Array(ids.length);
    labelTokens(ids, 0, ids.length, tokenizer.byteLengths, Uint32Array.from(stretches), labels, new Uint32Array(4));
    writer.append('train', ids, end, { ids: labels, separator: labelOf('separator', 0) });
  }
  writer.close();
  const reader = openTokens(dir);
  context.after(() => reader.close());
  return reader.split('train');
}

const KETTLE = 'the water is hot and the cat sleeps in the sun all day'; // 13 words, each a token
const SEA = 'we sat by the sea and said very little'; // 9

test('the longest run of a reply that is in train, without names and stamps', (context) => {
  for (const template of ['{name}: {text}', '({ms}) {name}: {text}', '[{iso}] {name} 🌊: {text}']) {
    const form = lineFormOf(template);
    const train = trainOf(context, template, [
      [
        ['Ann', KETTLE],
        ['Bob', SEA],
        ['Bob', 'ok'],
      ],
      [['Bob', 'good night to all of you']],
    ]);
    const longest = (...lines: Line[]): number =>
      longestRecited(
        [train],
        lines.map(([from, text]) => ({ from, text })),
        { tokenizer, form },
      );
    assert.equal(longest(['Ann', KETTLE]), 14, 'with the line end');
    assert.equal(longest(['Somebody Else', KETTLE]), 14, 'whoever says it');
    assert.equal(longest(['Ann', KETTLE], ['Ann', SEA], ['Ann', 'ok']), 14 + 10 + 2, 'several lines in a row');
    assert.equal(longest(['Ann', 'my water is hot and the cat sleeps in the sun all year']), 11);
    assert.equal(longest(['Ann', SEA], ['Ann', KETTLE]), 14, 'in another order');
    assert.equal(longest(['Ann', 'ok'], ['Ann', 'good night to all of you']), 0, 'a conversation ends between them');
    assert.equal(longest(['Ann', 'the sea']), 0);
  }
});

test('a text that shares a token with its head', (context) => {
  const template = '[{name}]{text}';
  const train = trainOf(context, template, [[['Ann', `:) ${KETTLE}`]]]);
  const recited = (text: string): number =>
    longestRecited([train], [{ from: 'Bob', text }], { tokenizer, form: lineFormOf(template) });
  assert.deepEqual(
    tokenizer.encode('[Ann]:)').map((id) => tokenizer.decode([id])),
    ['[', 'Ann', ']:', ')'],
  );
  assert.equal(recited(`:) ${KETTLE}`), 16);
  assert.equal(recited(`:( ${KETTLE}`), 14);
});

test('of much text, the latest part is searched; of several texts, each', (context) => {
  const template = '{name}: {text}';
  const small = trainOf(context, template, [[['Ann', KETTLE]]]);
  const ids = small.read(0, small.tokens);
  const labels = small.labels(0, small.tokens);
  const reads: [start: number, length: number][] = [];
  /** Only at one place there is something. */
  const large = (at: number): TokenSplit => ({
    ...small,
    tokens: 3 * MOST_SEARCHED,
    read(start, length) {
      reads.push([start, length]);
      const part = new Uint16Array(length);
      if (at >= start && at + ids.length <= start + length) part.set(ids, at - start);
      return part;
    },
    labels(start, length) {
      const part = new Uint16Array(length).fill(labelOf('text', 1));
      if (at >= start && at + ids.length <= start + length) part.set(labels, at - start);
      return part;
    },
  });
  const recited = (...train: TokenSplit[]): number =>
    longestRecited(train, [{ from: 'Ann', text: KETTLE }], { tokenizer, form: lineFormOf(template) });
  assert.equal(recited(large(MOST_SEARCHED)), 0);
  assert.deepEqual(reads[0]?.[0], 2 * MOST_SEARCHED);
  assert.equal(
    reads.reduce((sum, [, length]) => sum + length, 0),
    MOST_SEARCHED,
  );
  assert.equal(recited(large(3 * MOST_SEARCHED - 500)), 14);
  assert.equal(recited(large(0), small), 14);
});
