import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { hash } from '../../src/eliza/hash.ts';
import { openEliza } from '../../src/eliza/open-eliza.ts';
import { parseScript } from '../../src/eliza/parse-script.ts';
import { shippedScript } from '../../src/eliza/shipped-script.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { answersOf, tinyScript } from './kit.ts';

const sharedDir = join(process.env['RUNNER_SHARED_DATA'] ?? join(projectRoot(), '../shared/data'), 'eliza');
const shipped = (...lines: string[]): string => lines.map(openEliza(shippedScript()).answer).at(-1)!;

test(
  'answers all 15 lines as the original program did with its script of 1965',
  { skip: existsSync(sharedDir) ? false : `${sharedDir} is not there` },
  () => {
    const { hello, answer } = openEliza(parseScript(readFileSync(join(sharedDir, 'tape.100'), 'utf8')));
    const transcript = readFileSync(join(sharedDir, 'running-eliza.txt'), 'utf8');
    // The emulator prints a blank before commas and full stops.
    const joined = (text: string): string =>
      text
        .replaceAll('\n', ' ')
        .replace(/ (?=[,.])/g, '')
        .trim();
    const [opening, ...turns] = transcript.split('=== ')[1]!.split(/^INPUT$/m);
    const talk = turns.map((turn) => turn.trim().split(/\n\n/)).filter((turn) => turn.length === 2);
    assert.equal(talk.length, 15);
    assert.deepEqual(
      talk.map(([line]) => answer(line!)),
      talk.map(([, expected]) => joined(expected!)),
    );
    assert.ok(joined(opening!).endsWith(hello), hello);
  },
);

test('rule 1: the first clause with a keyword counts; commas, full stops and BUT end a clause', () => {
  assert.equal(shipped('It rained. Tomorrow I leave.'), 'WHAT IS THE PLAN');
  const echo = tinyScript('(SEE ((0) (1)))');
  for (const [line, expected] of [
    ['nothing here, see that, see more', 'SEE THAT'],
    ['nothing here but see that but see more', 'SEE THAT'],
    ['well. I see it. And now', 'I SEE IT'],
    ['but', 'NO KEYWORD'],
    ['well? see!', 'SEE'],
    ['butter we see', 'BUTTER WE SEE'],
  ] as const)
    assert.deepEqual(answersOf(echo, line), [expected], line);
});

test('rule 2: a keyword of higher rank than all before goes first, others last; words are replaced in one pass', () => {
  // MY has rank 1, ALWAYS 3, THANKS 0
  assert.equal(shipped('Thanks that my bike always works'), 'EVERY SINGLE TIME');
  assert.equal(shipped('I told you'), 'SO YOU TOLD ME, DO YOU');
  const ranks = tinyScript('(A ((0) (A))) (B 2 ((0) (NEWKEY))) (C 1 ((0) (C))) (D 2 ((0) (D)))');
  // B goes in front of A; C and D, which do not exceed it, go to the back
  assert.deepEqual(answersOf(ranks, 'a b c d', 'c b d', 'd b'), ['A', 'C', 'D']);
  assert.deepEqual(answersOf(tinyScript('(I = YOU) (YOU = I ((0) (1)))'), 'i hear you'), ['YOU HEAR I']);
  // a rule with nothing but a replacement or a tag is no keyword
  assert.deepEqual(answersOf(tinyScript('(I = YOU) (MUM DLIST (/FAMILY) 3)'), 'i and mum'), ['NO KEYWORD']);
});

test('rule 3: without a keyword, every fourth input gets the oldest memory, others the next line of NONE', () => {
  const { answer } = openEliza(shippedScript());
  assert.equal(answer('My kids'), 'WHAT IS SO SPECIAL ABOUT YOUR KIDS');
  assert.equal(answer('My time'), 'YOUR TIME, YOU SAY');
  // the third input makes LIMIT 4
  assert.equal(answer('Rain'), 'WHAT BECAME OF YOUR KIDS');
  assert.deepEqual(
    ['Rain', 'Rain', 'Rain'].map((line) => answer(line)),
    ['AND WHAT CAME NEXT', 'HM, I HAD NOT THOUGHT OF THAT', 'HOW DID THAT FEEL AT THE TIME'],
  );
  assert.equal(answer('Rain'), 'A WHILE AGO YOU BROUGHT UP YOUR TIME');
  assert.deepEqual(
    ['Rain', 'Rain', 'Rain', 'Rain'].map((line) => answer(line)),
    ['I AM ALL EARS', 'SOUNDS LIKE THERE IS A STORY BEHIND IT', 'AND WHAT CAME NEXT', 'HM, I HAD NOT THOUGHT OF THAT'],
  );
});

test('rule 4: the last word chooses one of four forms of a memory', () => {
  const forms = ['kids', 'here', 'time', 'invented'].map((word) => {
    const { answer } = openEliza(shippedScript());
    return [`My ${word}`, 'Rain', 'Rain'].map((line) => answer(line))[2];
  });
  assert.deepEqual(forms, [
    'WHAT BECAME OF YOUR KIDS',
    'LET ME COME BACK TO YOUR HERE',
    'A WHILE AGO YOU BROUGHT UP YOUR TIME',
    'COULD THIS BE ABOUT YOUR INVENTED AGAIN',
  ]);
  // only when MY is the keyword that answers, which it is not here
  const { answer } = openEliza(shippedScript());
  assert.equal(
    ['I always lose my kids', 'Rain', 'Rain'].map((line) => answer(line))[2],
    'HM, I HAD NOT THOUGHT OF THAT',
  );
});

test('rule 5: patterns stand for any words, exactly n, one of some, or one with a tag; answers take turns', () => {
  assert.equal(shipped('I am so tired now'), 'POOR YOU, HOW LONG HAS IT BEEN LIKE THAT');
  assert.equal(shipped('My mom called'), 'HOW ARE THINGS AT HOME');
  assert.equal(shipped('My boss called'), 'HOW DID THE TWO OF YOU MEET');
  assert.equal(shipped('What now please'), 'YOU CAN GUESS WHAT NOW PLEASE, I THINK');
  assert.equal(shipped('What now'), 'GOOD QUESTION, WHERE DOES IT COME FROM');
  assert.deepEqual(
    answersOf(
      tinyScript('(K ((0 A 0 B 2 (* X Y) 0) (1 - 3 - 5 - 6 - 7) (AGAIN)))'),
      'k a a b b 1 2 y z',
      'k a b c d x',
    ),
    ['K - A B - 1 2 - Y - Z', 'AGAIN'],
  );
  // each pattern takes its own turns
  assert.deepEqual(answersOf(tinyScript('(K ((K) (ONE) (TWO)) ((0) (THREE) (FOUR)))'), 'k', 'k a', 'k', 'k a', 'k'), [
    'ONE',
    'THREE',
    'TWO',
    'FOUR',
    'ONE',
  ]);
});

test('rule 6: an answer can go on with another keyword, the next one, or after rewriting', () => {
  assert.equal(shipped('Hey'), 'HELLO THERE, WHAT HAVE YOU BEEN UP TO');
  assert.equal(shipped('Yes my bike broke'), 'WHAT IS SO SPECIAL ABOUT YOUR BIKE BROKE');
  assert.equal(shipped('Yes but it broke'), 'GOOD, THAT SETTLES IT');
  assert.equal(shipped('Yeah'), 'GOOD, THAT SETTLES IT');
  assert.equal(shipped('Are we there'), 'AND WHAT CAME NEXT');
  assert.equal(shipped("Today I'm at the sea"), 'SINCE WHEN ARE YOU AT THE SEA');
  // the rule's own link, when nothing matches
  assert.equal(shipped('Why not'), 'GOOD QUESTION, WHERE DOES IT COME FROM');
  // no link either: by LIMIT, which the first input makes 2
  const deaf = tinyScript('(K ((K K) (TWO)))');
  assert.deepEqual(answersOf(deaf, 'k', 'k', 'k', 'k', 'k'), [
    'HMMM',
    'GO ON, PLEASE',
    'I SEE',
    'PLEASE CONTINUE',
    'HMMM',
  ]);
});

test('rule 7: the five hashes of the original', () => {
  assert.deepEqual(
    [hash('ALWAYS', 7), hash('HERE', 2), hash('KIDS', 2), hash('TIME', 2), hash('INVENTED', 2)],
    [14, 3, 1, 0, 2],
  );
});

test('a script that refers in circles or rewrites without end gets the answer for no match', () => {
  assert.deepEqual(answersOf(tinyScript('(A (= B)) (B ((0) (= A)))'), 'a'), ['HMMM']);
  assert.deepEqual(answersOf(tinyScript('(A ((0) (PRE (1 1 1) (= A))))'), 'a'), ['HMMM']);
  assert.deepEqual(answersOf('(HELLO) (NONE ((0) (NEWKEY)))', 'a'), ['HMMM']);
  assert.deepEqual(answersOf('(HELLO) (NONE ((0) (1)))', ''), ['HMMM']);
});

test('every text gets an answer in one line, the same each time', () => {
  const vocabulary = [...shippedScript().rules.keys(), 'tired', ',', '.', 'but', 'è', '🎉', '__proto__', 'constructor'];
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.constantFrom(...vocabulary)).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const [first, second] = [openEliza(shippedScript()), openEliza(shippedScript())];
      for (const text of lines) {
        const answer = first.answer(text);
        assert.ok(answer.trim() !== '' && !/[\n\r]/.test(answer), JSON.stringify(answer));
        assert.equal(second.answer(text), answer);
      }
    }),
  );
});

test('a very long line is answered', () => {
  for (const words of ['you ', 'i ', 'my mum ', 'yes '])
    assert.notEqual(openEliza(shippedScript()).answer(words.repeat(100_000)), '');
});
