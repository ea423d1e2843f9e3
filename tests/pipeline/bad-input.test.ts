import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import { diagnosticsOf, errorsOf, parseText } from '../kit/parse-errors.ts';

const good = `name: demo
stages:
  chat: { kind: fetch, params: { source: data } }
  model: { kind: learn, inputs: { chat: chat }, params: { steps: 10 } }
`;

test('anchors are allowed and each alias is a copy; an alias bomb is reported where it expands', () => {
  const { points } = parseText(
    good
      .replace('data', '&where data')
      .replace('model:', 'other: { kind: fetch, params: { source: *where } }\n  model:'),
  );
  assert.equal(points[0]?.stages[1]?.params['source'], 'data');
  const levels = 'bcdefg'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[at]}`).join(', ')}]`);
  assert.equal(
    errorsOf(`a: &a [x, x]\n${levels.join('\n')}\n`),
    `p.yaml:6:12 error the aliases expand to more than 100,000 values
 6 | f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
   |            ^^
   hint: write the values out instead of nesting aliases`,
  );
});

test('reports an alias inside its own anchor or without one, merge keys, keys that are not words, and tags', () => {
  assert.equal(
    errorsOf('a: &a [*a]\nb: *nothing\n<<: *a\n? [x]\n: 1\n'),
    `p.yaml:1:8 error *a is inside the value that it refers to
 1 | a: &a [*a]
   |        ^^

p.yaml:2:4 error no anchor &nothing before this alias
 2 | b: *nothing
   |    ^^^^^^^^

p.yaml:3:1 error merge keys (\`<<\`) are not supported
 3 | <<: *a
   | ^^
   hint: repeat the keys, or move them to a file and include it with \`use:\`

p.yaml:4:3 error a key must be a plain word
 4 | ? [x]
   |   ^^^`,
  );
  assert.match(
    errorsOf(good.replace('data', '!include x')),
    /error unknown tag: !include\n.*\n.*\n {3}hint: to pull in a file, write `use: path`/,
  );
});

test('of ten thousand mistakes, it shows twenty and counts the others', () => {
  const stages = Array.from(
    { length: 10_000 },
    (_, at) => `  m${at}: { kind: learn, inputs: { chat: chatt }, params: { steps: 1 } }`,
  );
  const shown = errorsOf(`${good}${stages.join('\n')}\n`);
  assert.equal(shown.match(/error no stage "chatt"/g)?.length, 20);
  assert.ok(shown.endsWith('\n\n… and 9,980 more'), shown.slice(-200));
  assert.match(shown, /^p\.yaml:5:38 error no stage "chatt"\n.*\n.*\n {3}hint: did you mean "chat"\?/);
  const keys = Array.from({ length: 10_000 }, (_, at) => `extra${at}: 1`).join(', ');
  assert.equal(diagnosticsOf(good.replace('steps: 10', keys)).length, 10_001);
});

test('a hint does not list ten thousand names', () => {
  const stages = Array.from({ length: 10_000 }, (_, at) => `  m${at}: { kind: fetch, params: { source: x } }`);
  assert.match(
    errorsOf(`${good.replace('chat: chat', 'chat: elsewhere')}${stages.join('\n')}\n`),
    /hint: stages: chat, model, m0, m1, .*m9 … and 9,990 more$/,
  );
});

test('a typo in one of two thousand stage names gives one message, at the name', () => {
  const chain = Array.from(
    { length: 2000 },
    (_, at) => `  s${at}: { kind: learn, inputs: { x: chat }, params: { steps: ${at + 1} } }`,
  );
  const text = `${good}${chain.join('\n')}\n`.replace(
    's1500: { kind: learn, inputs: { x: chat }',
    's1500: { kind: learn, inputs: { x: chta }',
  );
  assert.equal(
    errorsOf(text),
    `p.yaml:1505:38 error no stage "chta"
 1505 |   s1500: { kind: learn, inputs: { x: chta }, params: { steps: 1501 } }
      |                                      ^^^^
   hint: did you mean "chat"?`,
  );
});

test('duplicate keys are reported with the line of the first one', () => {
  assert.equal(
    errorsOf(`${good}  chat: 1\n  chat: 2\n`),
    `p.yaml:5:3 error duplicate key "chat"
 5 |   chat: 1
   |   ^^^^
   hint: first used in line 3

p.yaml:6:3 error duplicate key "chat"
 6 |   chat: 2
   |   ^^^^
   hint: first used in line 3`,
  );
});

test('a cycle is named in the order of the data, starting with the first stage in the file', () => {
  const edge = (name: string, from: string) => `  ${name}: { kind: refine, inputs: { from: ${from} } }\n`;
  const refine = defineContract({
    kind: 'refine',
    version: 1,
    summary: '',
    params: {},
    inputs: { from: 'files' },
    output: 'files',
    run: async () => {},
  });
  const text = `name: c\nstages:\n${edge('boil', 'season')}${edge('apart', 'boil')}${edge('serve', 'boil')}${edge('season', 'serve')}`;
  assert.equal(
    errorsOf(text, { kinds: { refine } }),
    `p.yaml:3:41 error stages wait for each other: boil → serve → season → boil
 3 |   boil: { kind: refine, inputs: { from: season } }
   |                                         ^^^^^^
   hint: one of these inputs must come from somewhere else`,
  );
});

test('rejects a stage name with a path in it, and two names that would share a folder', () => {
  assert.equal(
    errorsOf(
      `${good}  ../../etc/x: { kind: fetch, params: { source: x } }\n  Chat: { kind: fetch, params: { source: x } }\n`,
    ),
    `p.yaml:5:3 error "../../etc/x" is not a valid stage name
 5 |   ../../etc/x: { kind: fetch, params: { source: x } }
   |   ^^^^^^^^^^^
   hint: a letter, then letters, digits, "-" or "_", at most 64: "etc-x"?

p.yaml:6:3 error "chat" and "Chat" would share a folder where file names ignore case
 6 |   Chat: { kind: fetch, params: { source: x } }
   |   ^^^^
   hint: rename one of them`,
  );
});

test('handles tabs, CRLF, several documents, an empty file and endless nesting', () => {
  assert.match(
    errorsOf('name: x\nstages:\n\tchat: 1\n'),
    /^p\.yaml:3:1 error tabs cannot be used for indentation\n.*\n.*\n {3}hint: indent with spaces/,
  );
  assert.match(errorsOf(`${good}---\nname: other\n`), /^p\.yaml:5:1 error a second document starts here\n 5 \| ---/);
  assert.equal(parseText(good.replaceAll('\n', '\r\n')).points[0]?.stages.length, 2);
  assert.match(
    errorsOf(good.replace('learn', 'lern').replaceAll('\n', '\r\n')),
    /^p\.yaml:4:18 error unknown kind "lern"\n 4 \| {3}model: .*10 \} \}\n/,
  );
  for (const nothing of ['', '\n', '# only words\n', '---\n', 'hello\n', '[1, 2]\n'])
    assert.match(
      errorsOf(nothing),
      /error not a pipeline: the file contains no mapping\n[^]*hint: it needs at least `name:` and `stages:`/,
    );
  const deep = [
    '['.repeat(50_000),
    '{ a: '.repeat(5000),
    '- '.repeat(50_000),
    '? '.repeat(50_000),
    'a: '.repeat(50_000),
    Array.from({ length: 5000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
  ];
  for (const text of deep)
    assert.deepEqual(
      diagnosticsOf(text).map(({ message }) => message),
      ['nested too deeply'],
      text.slice(0, 10),
    );
});

test('any text is a pipeline or a list of located diagnostics, never another error', () => {
  const words = fc.constantFrom(
    'name: x\n',
    'stages:\n',
    '  a:',
    ' {',
    '}',
    '[',
    ']',
    ': ',
    '- ',
    '&a ',
    '*a ',
    '"',
    "'",
    '|\n',
    '>\n',
    '\t',
    '\n',
    '#',
    '? ',
    '!x ',
    '%',
    '---\n',
    '...\n',
    'use: f',
    'sweep:\n',
    'stages.a.params.b: [1]\n',
    'kind: learn',
    'params: ',
    '\u0000',
    '茶',
    '\ud800',
    '\r\n',
    '<<: ',
    '__proto__: ',
    '1e999',
    '.nan',
    'null',
  );
  const text = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      text,
      fc.array(
        fc.array(words, { maxLength: 4 }).map((parts) => parts.join('')),
        { maxLength: 2 },
      ),
      (file, sets) => {
        try {
          parseText(file, { sets, used: { f: file } });
        } catch (error) {
          if (!(error instanceof PipelineFileError)) throw error;
          assert.ok(error.diagnostics.length > 0);
          for (const { line, column, length, message, file: named } of error.diagnostics) {
            const lines = error.texts.get(named)?.split(/\r?\n/) ?? [];
            assert.ok(
              line >= 1 && line <= lines.length + 1 && column >= 1 && length >= 1 && message !== '',
              JSON.stringify({ named, line, column, length, message }),
            );
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('a typo anywhere is reported at its exact location, with the intended word', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('steps', 'schedule', 'peak', 'seed'),
      fc.nat(10),
      fc.nat(3),
      fc.nat(4),
      (word, comments, indent, offset) => {
        const typo = `${word.slice(0, offset)}z${word.slice(offset)}`;
        const pad = ' '.repeat(3 + indent);
        const body = 'seed: 1, steps: 3, schedule: { kind: constant, peak: 1 }'.replace(word, typo);
        const text = `${'# words\n'.repeat(comments)}name: x\nstages:\n  chat: { kind: fetch, params: { source: d } }\n  m:\n${pad}kind: learn\n${pad}inputs: { c: chat }\n${pad}params: { ${body} }\n`;
        const line = comments + 7;
        const column = text.split('\n')[line - 1]!.indexOf(typo) + 1;
        const found = diagnosticsOf(text).find(({ message }) => message === `unknown key "${typo}"`);
        assert.deepEqual(
          [found?.line, found?.column, found?.length, found?.hint],
          [line, column, typo.length, `did you mean "${word}"?`],
        );
      },
    ),
  );
});
