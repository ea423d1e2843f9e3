import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseScript } from '../../src/eliza/parse-script.ts';
import { shippedScript } from '../../src/eliza/shipped-script.ts';
import { UserError } from '../../src/pipeline/diagnostic/user-error.ts';
import { tinyScript } from './kit.ts';

test('reads every form of a rule', () => {
  const script = parseScript(`; a comment (with a parenthesis
    (How do you do. Well, I hope) start
    (none ((0) (go on)))
    (feel = felt dlist(/ verb) 4
      ((0 (* a b) 2 (/verb noun)) (so, 2 3) (=see) (newkey) (pre (i 1) (= see)))
      (=see))
    (see dlist (/verb noun))
    (memory see (0 = a 1) (0 = b) (0 = c) (0 = d))
    ()
    (whatever follows the end`);
  assert.equal(script.hello, 'HOW DO YOU DO. WELL, I HOPE');
  assert.deepEqual(script.rules.get('FEEL'), {
    replacement: 'FELT',
    rank: 4,
    transformations: [
      {
        pattern: [0, { anyOf: ['A', 'B'] }, 2, { tagged: ['VERB', 'NOUN'] }],
        reassemblies: [
          { kind: 'say', template: ['SO', ',', 2, 3] },
          { kind: 'link', keyword: 'SEE' },
          { kind: 'next keyword' },
          { kind: 'rewrite', template: ['I', 1], keyword: 'SEE' },
        ],
      },
    ],
    link: 'SEE',
  });
  assert.deepEqual(
    [...script.tagged].map(([tag, words]) => [tag, ...words]),
    [
      ['VERB', 'FEEL', 'SEE'],
      ['NOUN', 'SEE'],
    ],
  );
  assert.equal(script.memory!.keyword, 'SEE');
  assert.deepEqual(script.memory!.forms[0], { pattern: [0], template: ['A', 1] });
  assert.deepEqual([...script.rules.keys()], ['FEEL', 'SEE']);
});

test('an error names line and column and says what to do', () => {
  const cases: [string, string][] = [
    ['', '1:1: the script is empty; it begins with a greeting such as (HELLO)'],
    ['(HELLO)\r\n(A', '2:1: this parenthesis is never closed; look for a missing ) in this rule'],
    ['(HELLO))', '1:8: this closing parenthesis has no opening one; remove it'],
    ['(HELLO)\n  hello', '2:3: words must be in parentheses; enclose the rule in ( and )'],
    ['(HELLO (A))', '1:8: a script begins with its greeting, a list of words such as (HELLO)'],
    ['(HELLO)\n((A))', '2:1: a rule begins with its keyword'],
    [
      '(HELLO)\n(A ((0) (B)))\n',
      '3:1: there is no rule NONE, for inputs without a keyword; add one such as (NONE ((0) (GO ON)))',
    ],
    ['(HELLO)\n(A (=B))\n(NONE ((0) (C)))', '2:4: there is no rule for B; add one or correct the name'],
    ['(HELLO)\n(A = B)\n(A = C)', '3:2: there is a second rule for A; merge the two'],
    ['(HELLO)\n(A =)', '2:4: a word must follow ='],
    ['(HELLO)\n(A B)', '2:4: expected = and a word, DLIST, a rank, or a list; is a parenthesis missing?'],
    ['(HELLO)\n(A DLIST 3)', '2:4: a list of tags must follow DLIST, such as (/FAMILY)'],
    ['(HELLO)\n(A DLIST (B))', '2:10: a list of tags begins with /'],
    ['(HELLO)\n(A (0))', '2:4: a transformation begins with a pattern in parentheses, such as (0 YOU 0)'],
    ['(HELLO)\n(A ((0)))', '2:4: this pattern has no answers; add one such as (GO ON)'],
    ['(HELLO)\n(A (() (B)))', '2:5: the pattern is empty; (0) matches everything'],
    ['(HELLO)\n(A ((0) ()))', '2:9: the answer is empty; put its words here'],
    ['(HELLO)\n(A ((0) B))', '2:9: an answer must be in parentheses'],
    ['(HELLO)\n(A ((0) (B 2)))', '2:12: there is no part 2: the pattern has 1, numbered from 1'],
    ['(HELLO)\n(A ((0) (B (C))))', '2:12: an answer holds words and numbers, no list'],
    ['(HELLO)\n(A ((0 (B)) (C)))', '2:8: a list in a pattern begins with *, for one of these words, or / for a tag'],
    ['(HELLO)\n(A ((0) (PRE (B))))', '2:9: PRE takes words and a link, such as (PRE (I ARE 3) (= I))'],
    ['(HELLO)\n(MEMORY A (0 = B))', '2:1: MEMORY has four forms, not 1'],
    [
      '(HELLO)\n(MEMORY A (0) (0) (0) (0))',
      '2:11: a form of MEMORY is a pattern, = and an answer, such as (0 YOUR 0 = TELL ME OF YOUR 3)',
    ],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseScript(text),
      (error) => error instanceof UserError && error.message === message,
      message,
    );
});

test('any text is a script or an error with a place', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    '(',
    ')',
    '=',
    '0',
    '3',
    'A',
    'NONE',
    'MEMORY',
    'PRE',
    'DLIST',
    '*',
    '/T',
    '\n',
    ';',
    '🎉',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const script of [text, tinyScript(text)])
        try {
          parseScript(script);
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
          assert.match(error.message, /^\d+:\d+: /);
        }
    }),
    { numRuns: 1000 },
  );
});

test('the shipped script uses every kind of rule', () => {
  const { rules, tagged, memory, none } = shippedScript();
  const all = [...rules.values()];
  const elements = all.flatMap(({ transformations }) => transformations.flatMap(({ pattern }) => pattern));
  const kinds = all.flatMap(({ transformations }) =>
    transformations.flatMap(({ reassemblies }) => reassemblies.map(({ kind }) => kind)),
  );
  assert.ok(
    all.some(({ replacement }) => replacement) && all.some(({ rank }) => rank > 0) && all.some(({ link }) => link),
  );
  assert.ok(elements.some((element) => typeof element === 'number' && element > 0));
  assert.ok(elements.some((element) => typeof element === 'object' && 'anyOf' in element));
  const tags = elements.flatMap((element) =>
    typeof element === 'object' && 'tagged' in element ? element.tagged : [],
  );
  assert.ok(tags.length > 0 && tags.every((tag) => tagged.has(tag)));
  assert.deepEqual([...new Set(kinds)].sort(), ['next keyword', 'rewrite', 'say']);
  assert.ok(memory && none.transformations[0]!.reassemblies.length >= 4);
});
