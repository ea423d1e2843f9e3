import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conversationLine, type Conversation, type Message } from '../../src/artifacts/conversations.ts';
import { parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { classOfLabel, labelOf, speakerOfLabel, type TextClass } from '../../src/tokenizer/token-labels.ts';
import { openConversationLine, type ConversationLine } from '../../stages/tokenize/conversation-line.ts';

const TEMPLATES = [
  '({ms}) {name}: {text}',
  '{name}: {text}',
  '[{s}]{text}{text} {name}',
  '{text}',
  'é{gap}|{iso} {name}→{text}',
];

/** The stretches of the rendered text: class, speaker and text of each. */
function rendered(line: ConversationLine): [TextClass, number, string][] {
  const { bytes, start, length, stretches } = line.text();
  let from = 0;
  const all = Array.from({ length: stretches.length / 2 }, (_, i): [TextClass, number, string] => {
    const [end, label] = [stretches[2 * i]!, stretches[2 * i + 1]!];
    const text = Buffer.from(bytes.subarray(start + from, start + end)).toString();
    from = end;
    return [classOfLabel(label) as TextClass, speakerOfLabel(label), text];
  });
  assert.equal(from, length);
  return all;
}

const numbersOf = (names: string[]): Map<string, number> =>
  new Map([['', 0], ...names.map((name, i): [string, number] => [name, i + 1])]);

/** The same, computed from strings. */
function expected(template: string, messages: Message[], names: string[]): [TextClass, number, string][] {
  const { pieces } = parseTemplate(template);
  const numbers = numbersOf(names);
  const all = messages.flatMap((message, i): [TextClass, number, string][] => {
    const speaker = numbers.get(message.from)!;
    const before = i > 0 ? messages[i - 1]!.time : null;
    return [
      ...pieces(message, before).map((piece): [TextClass, number, string] => [piece.class, speaker, piece.text]),
      ['text', speaker, '\n'],
    ];
  });
  const joined: typeof all = [];
  for (const [textClass, speaker, text] of all.filter((one) => one[2] !== '')) {
    const last = joined.at(-1);
    if (last?.[0] === textClass && last[1] === speaker) last[2] += text;
    else joined.push([textClass, speaker, text]);
  }
  return joined;
}

function render(line: ConversationLine, bytes: string, names: string[]): [TextClass, number, string][] {
  line.take(Buffer.from(bytes), 1);
  const numbers = numbersOf(names);
  for (let i = 0; i < line.speakers(); i++) line.number(i, numbers.get(line.nameOf(i))!);
  line.clear();
  line.render(0, line.messages());
  return rendered(line);
}

const wellFormed = (text: string): string => Buffer.from(text).toString();
const lines = TEMPLATES.map((template) => openConversationLine(parseTemplate(template)));

test('renders any conversation correctly, however its JSON is written', () => {
  const text = fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '',
        '"',
        '\\',
        'a "quoted" word\\',
        '\ud800',
        '\udc00x',
        '👍🏽',
        'x'.repeat(300),
        '\u0000\u001f\b\f\t',
        '{"from":"',
        '","time":1',
      ),
    )
    .map((one) => one.replaceAll('\n', ' '));
  const time = fc.oneof(
    fc.integer({ min: 0, max: 2e12 }),
    fc.constantFrom(0, 7, 999, 1000, 999_999_999_999_999),
    fc.constantFrom(-1, -0, 1.5, 1e15, 1e21, -1e-7, 9e15),
  );
  const message = fc.record({ from: fc.oneof(text, fc.constantFrom('Ann', 'Ben', '')), time, text });
  const conversations = fc.record({ id: text, messages: fc.array(message, { maxLength: 6 }) });
  const forms: ((conversation: Conversation) => string)[] = [
    (conversation) => conversationLine(conversation).trimEnd(),
    (conversation) => JSON.stringify(conversation, null, 1).replaceAll('\n', ' '),
    ({ id, messages }) =>
      JSON.stringify({ messages: messages.map(({ from, time, text }) => ({ text, time, from, more: [1] })), id }),
    (conversation) =>
      conversationLine(conversation)
        .trimEnd()
        .replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .replaceAll('/', '\\/'),
    (conversation) => `${conversationLine(conversation).trimEnd()} `,
  ];
  fc.assert(
    fc.property(conversations, fc.constantFrom(...forms), (conversation, form) => {
      const messages = conversation.messages.map(({ from, time, text }) => ({
        from: wellFormed(from),
        time,
        text: wellFormed(text),
      }));
      const names = [...new Set(messages.map(({ from }) => from).filter((from) => from !== ''))];
      for (const [i, template] of TEMPLATES.entries()) {
        assert.deepEqual(render(lines[i]!, form(conversation), names), expected(template, messages, names), template);
        assert.equal(lines[i]!.messages(), messages.length);
        assert.equal(
          Buffer.from(lines[i]!.hashInput('7\n')).toString(),
          `7\n${messages.map(({ from, text }) => `${from}\t${text}\n`).join('')}`,
        );
      }
    }),
    { numRuns: 1500 },
  );
});

test('renders the value of a time, however it is written', () => {
  for (const [written, ms, s] of [
    ['9007199254740993', '9007199254740992', '9007199254740'],
    ['1e3', '1000', '1'],
    ['-0', '0', '0'],
    ['999', '999', '0'],
    ['-1', '-1', '-1'],
    ['12.5E-1', '1.25', '0'],
    ['1600000000999', '1600000000999', '1600000000'],
  ]) {
    const bytes = `{"id":"","messages":[{"from":"A","time":${written},"text":"x"}]}`;
    for (const [template, stamp] of [
      ['{ms} {text}', ms],
      ['{s} {text}', s],
    ]) {
      const text = render(openConversationLine(parseTemplate(template!)), bytes, ['A'])
        .map((one) => one[2])
        .join('');
      assert.equal(text, `${stamp} x\n`, written);
    }
  }
});

test('renders messages without a time, messages from nobody, and a range of messages', () => {
  const messages: Message[] = [
    { from: '', time: null, text: 'a title' },
    { from: 'Ann', time: null, text: 'hi' },
    { from: 'Ben', time: 5, text: 'ho' },
  ];
  const line = openConversationLine(parseTemplate('{name}: {text}'));
  assert.deepEqual(
    render(line, conversationLine({ id: 'x', messages }).trimEnd(), ['Ann', 'Ben'])
      .map(([, , text]) => text)
      .join(''),
    'a title\nAnn: hi\nBen: ho\n',
  );
  assert.deepEqual(
    [0, 1, 2].map((i) => [line.hasTime(i), line.timeOf(i), line.speakerOf(i)]),
    [
      [false, NaN, 0],
      [false, NaN, 1],
      [true, 5, 2],
    ],
  );
  line.clear();
  line.put('# é\n', labelOf('stamp', 0));
  line.render(1, 2);
  line.put('<|endoftext|>', labelOf('separator', 0));
  assert.deepEqual(rendered(line), [
    ['stamp', 0, '# é\n'],
    ['name', 1, 'Ann: '],
    ['text', 1, 'hi\n'],
    ['separator', 0, '<|endoftext|>'],
  ]);
});

test('speakers beyond the last number share that number', () => {
  const line = openConversationLine(parseTemplate('{name}{text}'));
  line.take(Buffer.from(conversationLine({ id: '', messages: [{ from: 'A', time: 1, text: 'b' }] }).trimEnd()), 1);
  line.number(0, 1 << 14);
  line.clear();
  line.render(0, 1);
  assert.deepEqual(
    rendered(line).map(([, speaker]) => speaker),
    [(1 << 14) - 1, (1 << 14) - 1],
  );
});

test('renders a line far longer than the ones before, and a short one after it', () => {
  const messages = Array.from({ length: 60_000 }, (_, i): Message => ({
    from: `Name ${(i * 7919) % 12_000}`,
    time: 1.6e12 + i,
    text: `message ${i} "of" many 👍`,
  }));
  const names = [...new Set(messages.map(({ from }) => from))];
  for (const [i, template] of TEMPLATES.entries()) {
    for (const some of [messages.slice(0, 2), messages, messages.slice(0, 2)])
      assert.deepEqual(
        render(lines[i]!, conversationLine({ id: 'x', messages: some }).trimEnd(), names),
        expected(template, some, names),
      );
  }
});

test('hashes only long texts, measured in characters, independently of their position', () => {
  const line = openConversationLine(parseTemplate('{text}'));
  const hashesOf = (...texts: string[]): number[] => {
    line.take(
      Buffer.from(
        conversationLine({ id: 'x', messages: texts.map((text) => ({ from: 'A', time: 1, text })) }).trimEnd(),
      ),
      1,
    );
    return [...line.hashes(0, texts.length, 25)];
  };
  const long = 'a line of more than twenty-five characters';
  const [first, second, third] = hashesOf('short', long, 'é'.repeat(24), `${long}!`, long) as [number, number, number];
  assert.equal(first, third);
  assert.notEqual(first, second);
  assert.deepEqual(hashesOf(long), [first]);
  assert.equal(hashesOf('é'.repeat(25), 'x'.repeat(25), '👍'.repeat(25)).length, 3);
  assert.ok(Number.isSafeInteger(first) && first >= 0);
  // Every byte affects the hash, including the last ones.
  const variants = Array.from({ length: 39 }, (_, i) => `${long.slice(0, i)}#${long.slice(i + 1, 39)}`);
  assert.equal(new Set(hashesOf(...variants)).size, 39);
});

test('an invalid line is reported by its number and not quoted', () => {
  for (const bad of [
    '',
    '{}',
    '{"id":"secret"',
    '{"id":"a","messages":[{"from":"secret","time":1,"text":"secret"}',
    '{"id":"a","messages":[{"from":"secret","time":"1","text":"secret"}]}',
    '{"id":"a","messages":[{"from":"secret","time":01,"text":"secret"}]}',
    '{"id":"a","messages":[{"from":"secret","time":1-,"text":"secret"}]}',
    '{"id":"a","messages":[{"from":"secret\\x","time":1,"text":"secret"}]}',
    '{"id":"a","messages":[{"from":"se\tcret","time":1,"text":"secret"}]}',
    '{"id":"a\\","messages":[]}',
    '{"id":"a\\"\tb","messages":[]}',
    '{"id":"a","messages":[]}}',
  ]) {
    assert.throws(
      () => lines[0]!.take(Buffer.from(bad), 12),
      (error: Error) =>
        error.message.startsWith('conversations.jsonl:12: damaged: not') && !error.message.includes('secret'),
      bad,
    );
  }
});
