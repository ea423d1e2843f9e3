import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineFormOf } from '../../src/chat/line-form.ts';
import { openTranscript } from '../../src/chat/transcript.ts';
import { chatWith, fakeRow, randomLogits, scripted, shownLines, tokenizer } from './kit.ts';

test('a turn ends when the model would write as the user, and nothing of that is kept', async () => {
  const { row, text } = fakeRow(scripted([' hi there\nBob: me too\n']));
  const chat = await chatWith(row);
  const { lines } = await shownLines(chat.say(['hello'], null));
  assert.deepEqual(lines, ['Ann: hi there']);
  assert.equal(text(), 'Bob: hello\nAnn: hi there\n');
});

test('several messages in a row; a name inside a text does not end it', async () => {
  const { row } = fakeRow(scripted([' one\nAnn: he said Bob: no\nAnn: three\nBob: x\n']));
  const { lines } = await shownLines((await chatWith(row)).say(['hello'], null));
  assert.deepEqual(lines, ['Ann: one', 'Ann: he said Bob: no', 'Ann: three']);
});

test('the separator ends the conversation; the next message begins another', async () => {
  const { row, tokens } = fakeRow(scripted([' bye\n<sep>']));
  const chat = await chatWith(row);
  assert.deepEqual((await shownLines(chat.say(['bye'], null))).lines, ['Ann: bye', '(end)']);
  await shownLines(chat.say(['hi again'], null));
  assert.equal(tokens.filter((id) => id === tokenizer.separator).length, 3);
});

test('a text that never ends is cut at 200 tokens', async () => {
  const { row, text } = fakeRow(scripted([` ${'la '.repeat(300)}`]), 1024);
  const { lines } = await shownLines((await chatWith(row)).say(['sing'], null));
  assert.equal(tokenizer.encode(lines[0]!.slice('Ann:'.length)).length, 200);
  assert.match(text(), /la\nAnn:|la\n$/);
});

test('an emoji over several tokens is shown whole', async () => {
  const { row } = fakeRow(scripted([' ok 👩🏽‍🚀\nBob:']));
  const { lines, parts } = await shownLines((await chatWith(row)).say(['hello'], null));
  assert.deepEqual(lines, ['Ann: ok 👩🏽‍🚀']);
  for (const part of parts) assert.ok(!/\uFFFD|[\ud800-\udbff]$/.test(part), JSON.stringify(parts));
});

test('an empty text, a line end within a token and a separator within a text cannot be written', async () => {
  const { row } = fakeRow(scripted(['\nBob:', ' \nBob:', ' a<sep>']));
  const { lines } = await shownLines((await chatWith(row)).say(['hello'], null));
  assert.ok(lines[0]!.slice('Ann: '.length).trim() !== '');
});

test('a line that would come a third time is written in other words, and nothing shown is taken back', async () => {
  const { row } = fakeRow((tokens) => {
    const logits = scripted([' same\nAnn: same\nAnn: same\nBob:', ' same\nAnn: same\nAnn: other\nBob:'])(tokens);
    return logits;
  });
  const chat = await chatWith(row, { drawing: { temperature: 1, topK: 0, topP: 1 } });
  for (let seed = 0; seed < 5; seed++) {
    chat.settings.seed = seed;
    await chat.fresh();
    const { lines } = await shownLines(chat.say(['x'], null));
    assert.notDeepEqual(lines.slice(0, 3), ['Ann: same', 'Ann: same', 'Ann: same'], `seed ${seed}`);
  }
});

test('again gives other words in the same place; undo takes back; the same inputs give the same chat', async () => {
  const talk = async (): Promise<string[]> => {
    const { row, text } = fakeRow(randomLogits(3));
    const chat = await chatWith(row, { drawing: { temperature: 1, topK: 0, topP: 1 } });
    const first = await shownLines(chat.say(['hello'], null));
    const before = text();
    const again = await shownLines(chat.again());
    assert.notDeepEqual(again.lines, first.lines);
    assert.ok(text().startsWith('Bob: hello\nAnn:'));
    await shownLines(chat.say(['more'], null));
    assert.deepEqual(await chat.undo(), ['more']);
    assert.deepEqual(await chat.undo(), ['hello']);
    assert.equal(text(), '');
    assert.equal(await chat.undo(), null);
    const repeated = await shownLines(chat.say(['hello'], null));
    assert.deepEqual(repeated.lines, first.lines);
    return [before, ...first.lines, ...again.lines];
  };
  assert.deepEqual(await talk(), await talk());
});

test('messages are rendered as in the training text: line breaks folded, the separator as ordinary text', async () => {
  const { row, text, tokens } = fakeRow(scripted([' ok\nBob:']));
  const chat = await chatWith(row);
  await shownLines(chat.say(['one\n two', '  ', '<|endoftext|>'], null));
  assert.match(text(), /^Bob: one two\nBob: <\|endoftext\|>\nAnn: ok\n$/);
  assert.equal(tokens.filter((id) => id === tokenizer.separator).length, 1);
});

test('when the context is full, whole lines are dropped once, and the rest is read again', async () => {
  const { row, text, longest } = fakeRow(randomLogits(5), 400);
  const chat = await chatWith(row, { drawing: { temperature: 1, topK: 0, topP: 1 } });
  const dropped: number[] = [];
  const said = new Set<string>();
  // An incomplete character is not shown, nor whether a blank follows the name.
  const letters = (line: string): string => line.replace(/[\uFFFD ]/g, '');
  for (let i = 0; i < 25; i++) {
    const { lines } = await shownLines(chat.say([`message number ${i}`], null));
    for (const line of [`Bob: message number ${i}`, ...lines]) said.add(letters(line));
    const count = chat.takeDropped();
    if (count === 0) continue;
    dropped.push(count);
    assert.ok(said.has(letters(text().split('\n')[0]!)), 'what is read again begins with a whole line');
  }
  assert.ok(dropped.length > 5 && dropped.reduce((sum, count) => sum + count) > 20, dropped.join());
  assert.ok(longest() <= 400);
  assert.throws(() => chat.check('word '.repeat(400)), /has \d+ tokens, but the model reads at most 300/);
});

test('in a group, others may write, but never the user, whoever that is now', async () => {
  const { row } = fakeRow(randomLogits(2), 100_000);
  const everybody = ['Ann', 'Bob', 'Lee'];
  const chat = await chatWith(row, { others: everybody, drawing: { temperature: 1, topK: 0, topP: 1 } });
  const from: string[] = [];
  for (const user of ['Bob', 'Lee', 'Bob', 'Lee']) {
    chat.settings.user = user;
    const { lines } = await shownLines(chat.say(['hello'], null));
    const writers = lines.filter((line) => line !== '(end)').map((line) => line.split(':')[0]!);
    assert.ok(!writers.includes(user), `${user}: ${writers.join()}`);
    from.push(...writers);
  }
  assert.ok(from.includes('Ann'));
});

test('lines that are there from the start are dropped as a whole', async () => {
  const { row, text } = fakeRow(randomLogits(1), 64);
  const lines = Array.from({ length: 8 }, (_, i) => tokenizer.encode(`Bob: line number ${i}\n`));
  const transcript = await openTranscript(row, { opening: [tokenizer.separator], pinned: [], lines });
  await transcript.add(tokenizer.encode('Ann: '.repeat(10)));
  assert.equal(transcript.takeDropped() > 0, true);
  assert.match(text(), /^Bob: line number [1-7]\n/);
});

test('stamps go forwards, whoever writes', async () => {
  const { row, text } = fakeRow(randomLogits(7), 1024);
  const chat = await chatWith(row, {
    template: '({ms}) {name}: {text}',
    drawing: { temperature: 1, topK: 0, topP: 1 },
  });
  for (let i = 0; i < 5; i++) await shownLines(chat.say(['hi'], i === 2 ? 7200 : null));
  const stamps = [...text().matchAll(/^\((\d+)\)/gm)].map(([, digits]) => Number(digits));
  assert.ok(stamps.length >= 10);
  assert.deepEqual(
    stamps,
    [...stamps].sort((a, b) => a - b),
  );
});

for (const [template, user, person] of [
  ['({ms}) {name}: {text}', 'Bob', 'Ann'],
  ['{name}: {text}', 'Ann Lee', 'Ann'],
  ['[{gap}] {name} 😀> "{text}"', 'Bob 😀', 'Ann 😀 Lee'],
  ['{name} {text}', 'Ann Lee', 'Ann'],
  ['{name}: {text}', 'Ann: Lee', 'Ann'],
  ['{name}:{text}', 'Bob', 'Ann'],
  ['{name}:{text}', 'Ann:Bob', 'Ann'],
  ['[{name}]{text}', 'Ann Lee', 'Ann'],
  ['{name}{text}', 'Ann Lee', 'Ann'],
  ['{name}{text}', 'Ann', 'Ann😀'],
  ['({ms})[{name}]{text}', 'Ann 😀 Lee', 'Ann 😀'],
] as const)
  test(`whatever the model wants, it never writes a line as the user: ${template} (${user})`, async () => {
    const drawing = { temperature: 1, topK: 0, topP: 1 };
    for (let seed = 0; seed < 3; seed++) {
      const { row, text } = fakeRow(randomLogits(seed), 100_000);
      const chat = await chatWith(row, { template, user, person, seed, drawing });
      let said = 0;
      let shown: string[] = [];
      for (let i = 0; i < 5; i++) {
        said++;
        const { lines } = await shownLines(chat.say([`xyzzy${i}`], null));
        shown = shown.concat(lines.filter((line) => line !== '(end)'));
      }
      for (const line of shown) assert.ok(line.startsWith(`${person}: `), line);
      assert.equal(text().match(/xyzzy\d/g)!.length, said);
      const lines = text().trimEnd().split('\n');
      assert.equal(lines.length, said + shown.length, 'each line was shown or said');
      for (const line of lines)
        assert.equal(readAs(line, { template, user, person }), /xyzzy\d/.test(line) ? user : person);
    }
  });

/** Whose line it is for a reader who knows both. */
function readAs(line: string, { template, user, person }: { template: string; user: string; person: string }): string {
  const { head, lead } = lineFormOf(template);
  const unstamped = line.replace(/^\(\d+\)/, '(0)').replace(/^\[\d+[smhd]\]/, '[0s]');
  const begins = (name: string, blank: string): boolean => unstamped.startsWith(head(name, 0, null) + blank);
  const isPerson = begins(person, '');
  return begins(user, lead) && !(isPerson && person.length > user.length) ? user : isPerson ? person : '';
}
