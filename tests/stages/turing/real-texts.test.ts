import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readText } from '../../../stages/turing/real/read-text.ts';
import { charactersOf, lettersFor, shown } from '../../../stages/turing/real/shown.ts';
import { textTokens } from '../../../stages/turing/real/text-tokens.ts';
import { throughModelsPath } from '../../../stages/turing/real/real-pairs.ts';
import { gpt2Encoding } from '../model-kit.ts';
import { conversations, readerOf, windowsOf } from './windows-kit.ts';

const TEMPLATES = [
  '{name}: {text}',
  '({s}) {name}: {text}',
  '[{iso}] {name} ({gap})> {text}',
  '{text}',
  '<{name}>{text}</b>',
];

test('a line is read back as it was rendered, whatever its text has in it', () => {
  for (const template of TEMPLATES) {
    const reader = readerOf(template);
    for (const who of ['Ann', 'Cleo: the cat'])
      for (const text of ['hi', 'Ben: what', ' two  blanks ', '(12) 😀: x> y', '1: 2']) {
        const stamps = (template.match(/\{(s|iso|gap)\}/g) ?? []).map(
          (stamp) => ({ '{s}': '1500000000', '{iso}': '2017-07-14 02:40', '{gap}': '5m' })[stamp]!,
        );
        const pieces = reader.pieces({ stamps, who, text }).map((piece) => piece.text);
        assert.equal(pieces.at(-1), '\n');
        const whole = pieces.join('').slice(0, -1);
        const parsed = reader.parse(whole)!;
        assert.deepEqual(
          [parsed.stamps, parsed.who, parsed.text],
          [stamps, template.includes('{name}') ? who : '', text],
          `${template} ${whole}`,
        );
        assert.ok(whole.startsWith(parsed.head));
        assert.doesNotMatch(parsed.head, / $/, 'a model writes the blank together with the first word');
      }
  }
  assert.equal(readerOf('({s}) {name}: {text}').parse('(12x) Ann: hi'), null);
  assert.equal(readerOf('{name}: {text}').parse('Ann hi'), null);
  assert.throws(() => readerOf('{text} {name}'), /does not tell where its text begins or ends/);
  assert.throws(() => readerOf('{name}{text}'), /does not tell/);
  assert.throws(() => readerOf(''), /have no lines of conversations/);
});

test('links, addresses, long numbers and blanks are shown in the same way', () => {
  assert.equal(shown('  see https://a.example/x?y=1 and\tmail ann@b.example now '), 'see ⟨link⟩ and mail ⟨mail⟩ now');
  assert.equal(shown('call 0123456 not 1234'), 'call ⟨number⟩ not 1234');
  assert.equal(shown('e\u0301'), 'é');
  assert.equal(shown('a\u001bb\u0000c'), 'a b c', 'a model can write control characters');
  assert.equal(shown('👩\u200d🌾'), '👩\u200d🌾');
  assert.equal(
    charactersOf([
      { who: '', text: '😀a' },
      { who: '', text: 'b' },
    ]),
    4,
  );
  assert.deepEqual(
    [...lettersFor(['Ben', 'Ann', 'Ben', ''])],
    [
      ['Ben', 'A'],
      ['Ann', 'B'],
      ['', ''],
    ],
  );
});

test('what a model wrote is passed over, with the reason, if it has not the form of a conversation', () => {
  const reader = readerOf('({s}) {name}: {text}');
  const [window] = windowsOf(1, reader) as [ReturnType<typeof windowsOf>[number]];
  const stamp = Number(window.context.at(-1)!.stamps[0]);
  const line = (text: string, who = 'Ann', time = stamp + 1): string => `(${time}) ${who}: ${text}\n`;
  const read = (...lines: string[]) => readText(lines.join(''), { window, reader, lines: 2 });
  assert.deepEqual(read(line('hi'), line('ho  there', 'Ben')), {
    lines: [
      { who: 'Ann', text: 'hi' },
      { who: 'Ben', text: 'ho there' },
    ],
    faults: [],
  });
  const reasonOf = (...lines: string[]): string => (read(...lines) as { reason: string }).reason;
  assert.equal(reasonOf(line('hi'), '(15'), 'ended early');
  assert.equal(reasonOf(line('hi', 'Zed'), 'what'), "stranger's name", 'although it was cut there');
  assert.equal(reasonOf(line('hi'), 'what\n'), 'unreadable line');
  assert.equal(reasonOf(line('hi'), '\n\n'), 'unreadable line');
  assert.equal(reasonOf(line('hi'), line('ho', 'Zed')), "stranger's name");
  assert.equal(reasonOf(line('hi'), line('  ')), 'empty line');
  assert.equal(reasonOf(line('hi'), line('h\uFFFD')), 'broken character');
  const faultsOf = (...lines: string[]): string[] => (read(...lines) as { faults: string[] }).faults;
  assert.deepEqual(faultsOf(line('hi'), line('ho', 'Ben', stamp - 5)), ['stamps backwards']);
  assert.deepEqual(faultsOf(line('hi'), line('ho', 'Ben', 150)), ['stamps backwards', 'digits lost']);
  assert.deepEqual(faultsOf(line('hi'), line('hi', 'Ben')), ['repeated line']);
  assert.deepEqual(faultsOf(line('hi'), line('https://x.example/abcabcabcabc')), ['looping link']);
});

test('a real text that goes the way of a model comes back as it was, in each template', () => {
  const tokenizer = gpt2Encoding();
  for (const template of TEMPLATES.filter((one) => !one.includes('iso'))) {
    const reader = readerOf(template);
    const windows = windowsOf(20, reader);
    assert.ok(windows.length > 15);
    for (const window of windows) {
      assert.deepEqual(throughModelsPath(window, { tokenizer, reader })?.lines, window.text);
      const { toScore, toFind } = textTokens(window.text, window, { tokenizer, reader });
      const written = tokenizer.decode(toScore.ids);
      assert.ok(written.endsWith(window.real.map(({ whole }) => `${whole}\n`).join('')), template);
      const scored = tokenizer.decode(toScore.scored.map((place) => toScore.ids[place]!));
      const tail = template.endsWith('</b>') ? '</b>' : '';
      const lead = template.includes(' {text}') ? ' ' : '';
      assert.equal(scored, window.text.map(({ text }) => `${lead}${text}${tail}\n`).join(''));
      assert.doesNotMatch(tokenizer.decode(toFind), /15000/, 'no stamps');
    }
  }
});

test('a window has exactly the lines that are asked for, and no line twice', () => {
  const reader = readerOf('{name}: {text}');
  for (const conversation of conversations(10, reader)) assert.equal(conversation.lines.length, 14);
  for (const { context, real, text } of windowsOf(30, reader, { context: 5, lines: 2 })) {
    assert.equal(context.length, 5);
    assert.equal(real.length, 2);
    assert.ok(charactersOf(text) >= 40);
  }
});
