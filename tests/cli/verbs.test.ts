import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseArguments } from '../../src/cli/arguments.ts';
import { findVerb, helpOf, publicVerbs } from '../../src/cli/help.ts';
import { coloursFor } from '../../src/cli/screen/style.ts';
import { candidates } from '../../src/cli/shell/complete.ts';
import {
  UsageError,
  age,
  anyNumber,
  defineVerb,
  flagName,
  oneOf,
  optional,
  required,
  requiredChoice,
  shorthand,
  size,
  text,
  texts,
  toggle,
  usage,
  wholeNumber,
} from '../../src/cli/verb.ts';
import type { Flag, Flags, Positionals, Shorthand, Verb } from '../../src/cli/verb.ts';
import { verbs } from '../../src/cli/verbs/index.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const plain = coloursFor({ isTTY: false } as NodeJS.WriteStream);

/** A verb as a new file in `verbs/` would define it. */
const sample = sampleVerb({
  positionals: { file: required('FILE', 'pipeline', 'what to paint'), layers: anyNumber('LAYER', ['ground', 'sky']) },
  flags: {
    dryRun: toggle('paint nothing', { short: 'n' }),
    set: texts('path=value', 'change a value', 'set-path'),
    title: text('TEXT', 'what it is called', []),
    coats: wholeNumber('N', 'how many coats', { least: 1, most: 9, short: 'c' }),
    finish: oneOf('FINISH', 'matt or gloss', { choices: ['matt', 'gloss'], absent: 'matt' }),
    shiny: shorthand('finish', 'gloss', 'same as --finish gloss'),
    dry: age('AGE', 'how long it dries'),
    canvas: size('SIZE', 'how large it may be'),
  },
});

function sampleVerb(parts: { positionals: Positionals; flags: Flags }): Verb {
  return defineVerb({
    name: 'paint',
    group: 'Other',
    about: 'paint a picture',
    examples: ['paint sea.yaml'],
    notes: ['Wear an apron.'],
    run: async () => () => 0,
    ...parts,
  });
}

function parsed(verb: Verb, ...argv: string[]): Record<string, unknown> {
  const found = parseArguments(verb, argv);
  assert.ok(!found.asksForHelp);
  return found.args;
}

function wrong(verb: Verb, ...argv: string[]): string {
  try {
    parseArguments(verb, argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  assert.fail(`accepted: ${argv.join(' ')}`);
}

test('every kind of flag is parsed to its type, and has a value if it is not given', () => {
  const absent = {
    dryRun: false,
    set: [],
    title: null,
    coats: null,
    finish: 'matt',
    dry: null,
    canvas: null,
  };
  assert.deepEqual(parsed(sample, 'a.yaml'), { file: 'a.yaml', layers: [], ...absent });
  assert.deepEqual(
    parsed(sample, '-n', '--set', 'a=1', 'a.yaml', '--set=b=--2', 'sky', '-c3', '--shiny', '--dry', '12h', 'sea'),
    {
      file: 'a.yaml',
      layers: ['sky', 'sea'],
      ...absent,
      dryRun: true,
      set: ['a=1', 'b=--2'],
      coats: 3,
      finish: 'gloss',
      dry: 12 * 3_600_000,
    },
  );
  assert.deepEqual(parsed(sample, 'a', '--title=x', '--canvas', '2kB', '--finish=matt'), {
    file: 'a',
    layers: [],
    ...absent,
    title: 'x',
    canvas: 2000,
  });
  assert.equal(parsed(sample, 'a', '--shiny', '--finish', 'matt')['finish'], 'matt', 'the last one counts');
  assert.equal(parsed(sample, 'a', '--finish', 'matt', '--shiny')['finish'], 'gloss', 'the last one counts');
  assert.deepEqual(parsed(sample, '--', '--dry-run')['file'], '--dry-run');
});

test('anything that a definition does not allow is refused in one line', () => {
  const cases: [argv: string[], message: string][] = [
    [[], '"paint": missing FILE. Usage: ./runner paint FILE [LAYER…]'],
    [['a', '--dry-runn'], '"paint" has no flag --dry-runn; did you mean --dry-run?'],
    [
      ['a', '-x'],
      '"paint" has no flag -x; flags: --dry-run, --set, --title, --coats, --finish, --shiny, --dry, --canvas',
    ],
    [['a', '--dryRun'], '"paint" has no flag --dryRun; did you mean --dry-run?'],
    [['a', '--dry-run=yes'], '--dry-run takes no value, but got "yes"'],
    [['a', '--shiny=yes'], '--shiny takes no value, but got "yes"'],
    [['a', '--title'], '--title needs a value: --title TEXT'],
    [['a', '--title='], '--title needs a value: --title TEXT'],
    [['a', '--title', '--dry-run'], '--title needs a value: --title TEXT'],
    [['a', '--coats', '0'], '--coats takes a whole number from 1 to 9, not "0"'],
    [['a', '--coats', '2.0'], '--coats takes a whole number from 1 to 9, not "2.0"'],
    [['a', '-c', 'ten'], '-c takes a whole number from 1 to 9, not "ten"'],
    [['a', '--finish', 'glos'], '--finish takes matt or gloss, not "glos"; did you mean "gloss"?'],
    [['a', '--finish', 'wax'], '--finish takes matt or gloss, not "wax"'],
    [['a', '--dry', '3'], '--dry takes a value like 30d, 12h, 2w, not "3"'],
    [['a', '--canvas', 'big'], '--canvas takes a value like 50GB, 500MB, 1.5TB, not "big"'],
  ];
  for (const [argv, message] of cases) assert.equal(wrong(sample, ...argv), message);
  assert.match(wrong(sample, 'a', '--constructor'), /^"paint" has no flag --constructor; /);
});

test('words fill the required positionals first, then the optional ones from left to right', () => {
  const copy = sampleVerb({
    positionals: { from: required('FROM', []), part: optional('PART', []), to: required('TO', []) },
    flags: {},
  });
  assert.equal(usage(copy), 'paint FROM [PART] TO');
  assert.deepEqual(parsed(copy, 'a', 'b'), { from: 'a', part: null, to: 'b' });
  assert.deepEqual(parsed(copy, 'a', 'b', 'c'), { from: 'a', part: 'b', to: 'c' });
  assert.equal(wrong(copy), '"paint": missing FROM and TO. Usage: ./runner paint FROM [PART] TO');
  assert.equal(wrong(copy, 'a'), '"paint": missing TO. Usage: ./runner paint FROM [PART] TO');
  assert.equal(wrong(copy, 'a', 'b', 'c', 'd', 'e'), '"paint": unexpected "d". Usage: ./runner paint FROM [PART] TO');
  assert.equal(wrong(copy, 'a', 'b', '--json'), '"paint" has no flag --json; it has no flags');
  const shell = sampleVerb({ positionals: { shell: requiredChoice(['bash', 'zsh']) }, flags: {} });
  assert.deepEqual(parsed(shell, 'zsh'), { shell: 'zsh' });
  assert.equal(wrong(shell, 'bsh'), '"paint" takes bash or zsh, not "bsh"; did you mean "bash"?');
});

test('a command can be repeated with some switches on or off and all other words unchanged', () => {
  const again = (argv: string[], switches: Record<string, boolean>): string[] => {
    const found = parseArguments(sample, argv);
    assert.ok(!found.asksForHelp);
    return found.again(switches);
  };
  assert.deepEqual(again(['a', '-n', '--set', 'x=1', '--set=y=-2', '-c3'], { dryRun: false }), [
    'a',
    '--set',
    'x=1',
    '--set=y=-2',
    '--coats=3',
  ]);
  assert.deepEqual(again(['a', '--dry-run'], { dryRun: true }), ['a', '--dry-run']);
  assert.deepEqual(again(['--', '-a'], { dryRun: true }), ['--dry-run', '--', '-a']);
});

test('a new verb needs only a definition and an entry in the list: help, suggestions and completion follow', () => {
  const all = [...verbs, sample];
  assert.equal(findVerb(all, 'paint'), sample);
  assert.throws(() => findVerb(all, 'pain'), { message: 'no verb "pain"; did you mean "paint"?' });
  assert.equal(
    helpOf(sample, plain),
    `runner paint FILE [LAYER…]  paint a picture

  FILE  what to paint

  -n, --dry-run     paint nothing
  --set path=value  change a value
  --title TEXT      what it is called
  -c, --coats N     how many coats
  --finish FINISH   matt or gloss
  --shiny           same as --finish gloss
  --dry AGE         how long it dries
  --canvas SIZE     how large it may be

  Wear an apron.

  example: ./runner paint sea.yaml`,
  );
  const offered: [words: string[], expected: string[]][] = [
    [['pai'], ['paint']],
    [['help', 'pa'], ['paint']],
    [
      ['paint', 'x.yaml', ''],
      ['ground', 'sky'],
    ],
    [['paint', 'x.yaml', '-n', 'ground', 's'], ['sky']],
    [
      ['paint', '--d'],
      ['--dry', '--dry-run'],
    ],
    [
      ['paint', '--finish', ''],
      ['gloss', 'matt'],
    ],
    [['paint', '--shiny', 'x.yaml', 'g'], ['ground']],
    [
      ['paint', '--dry', ''],
      ['12h', '2w', '30d'],
    ],
    [['paint', '-c', ''], []],
    [['paint', '--title', 'x.yaml', 'no-such-file'], []],
    [['no-such-verb', ''], []],
  ];
  for (const [words, expected] of offered) assert.deepEqual(candidates(all, words), expected, words.join(' '));
});

test('completion offers values of flags, sizes of weights, and verbs except internal ones', () => {
  const offered = (...words: string[]): string[] => candidates(verbs, words);
  assert.deepEqual(offered('gc', '--'), [
    '--empty-trash',
    '--json',
    '--keep',
    '--max-size',
    '--older-than',
    '--parts',
    '--undo',
    '--yes',
  ]);
  assert.deepEqual(offered('gc', '--max-size', '5'), ['500MB', '50GB']);
  assert.deepEqual(offered('gc', '--keep', ''), []);
  assert.deepEqual(offered('gc', '--older-than', '30d', '--k'), ['--keep']);
  assert.deepEqual(offered('run', 'x.yaml', '--on-failure', ''), ['keep-going', 'kill', 'no-new', 'stop']);
  assert.deepEqual(offered('setup', ''), ['mlflow', 'weights']);
  assert.deepEqual(offered('setup', '--'), ['--gpu']);
  assert.ok(offered('setup', 'weights', '').includes('124M'));
  assert.deepEqual(offered('completion', ''), ['bash', 'fish', 'zsh']);
  for (const shown of [offered(''), offered('help', '')])
    assert.deepEqual(
      shown,
      publicVerbs(verbs)
        .map(({ name }) => name)
        .sort(),
    );
  for (const { name } of verbs.filter(({ group }) => group === 'internal'))
    assert.ok(!offered(name.slice(0, -1)).includes(name), name);
});

test('every flag of every verb is parsed, and a misspelled one is refused with a suggestion', () => {
  const flags = verbs.flatMap((verb) => Object.entries(verb.flags).map(([key, flag]) => ({ verb, key, flag })));
  const typed = fc.record({ declared: fc.constantFrom(...flags), wrongLetter: fc.nat() });
  fc.assert(
    fc.property(typed, ({ declared: { verb, key, flag }, wrongLetter }) => {
      const name = flagName(key);
      const words = requiredWords(verb);
      const value = valueFor(flag);
      const given = parsed(verb, ...words, `--${name}`, ...value);
      if ('standsFor' in flag) assert.equal(given[flag.standsFor[0]], flag.standsFor[1]);
      else assert.notDeepEqual(given[key], flag.absent);
      const index = wrongLetter % name.length;
      const typo = `${name.slice(0, index)}0${name.slice(index + 1)}`;
      assert.match(
        wrong(verb, ...words, `--${typo}`, ...value),
        new RegExp(`^"${verb.name}" has no flag --${typo}; (did you mean --|flags: .*--${name})`),
      );
    }),
  );
});

function requiredWords({ positionals }: Verb): string[] {
  return Object.values(positionals).flatMap(({ count, completes }) => {
    if (count !== 'one') return [];
    return [typeof completes === 'string' ? 'word' : completes[0]!];
  });
}

/** A value for a flag that differs from the value of an absent flag. */
function valueFor(flag: Flag<unknown> | Shorthand): string[] {
  if (!('form' in flag)) return [];
  const choices = typeof flag.completes === 'object' ? flag.completes.filter((choice) => choice !== flag.absent) : [];
  return [choices[0] ?? (flag.form === 'N' ? '2000' : 'a=b')];
}

test('definitions are sound: unique names, a line of help for each flag, examples that parse', () => {
  const names = verbs.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  for (const verb of verbs) {
    const keys = [...Object.keys(verb.positionals), ...Object.keys(verb.flags)];
    assert.deepEqual([...new Set(keys)], keys, `${verb.name}: a flag has the name of a positional`);
    for (const flag of Object.values(verb.flags)) assert.ok(flag.about !== '' && !flag.about.includes('\n'));
    assert.ok(verb.examples.length > 0);
    for (const example of verb.examples) {
      const [name, ...words] = example.split(' >')[0]!.split(' ');
      assert.equal(name, verb.name);
      parsed(verb, ...words);
    }
    for (const line of helpOf(verb, plain).split('\n')) assert.ok(line.length <= 125, line);
  }
});

test('every file of verbs/ is in the list', () => {
  const files = readdirSync(join(projectRoot(), 'src', 'cli', 'verbs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => file.replace(/^.*\//, '').replace(/\.ts$/, ''));
  assert.deepEqual(files.sort(), verbs.map(({ name }) => name).sort());
});

test('help lists every verb except the internal ones, and describes each with an example', async (context) => {
  const runs = temporaryDir(context);
  const all = (await runRunner(['help'], runs)).stdout;
  for (const form of [['--help'], ['-h'], []]) assert.equal((await runRunner(form, runs)).stdout, all);
  for (const form of [
    ['--help', 'plan'],
    ['-h', 'plan'],
  ])
    assert.equal((await runRunner(form, runs)).stdout, (await runRunner(['help', 'plan'], runs)).stdout);
  for (const verb of verbs) {
    assert.equal(all.includes(`\n  ${usage(verb)} `), verb.group !== 'internal', verb.name);
    const help = helpOf(verb, plain);
    assert.match(help, new RegExp(`^runner ${verb.name}[ \\n].*\\n[^]*example: \\./runner ${verb.name}`));
    if (verb.name === 'gc' || verb.name === 'run') {
      assert.equal((await runRunner(['help', verb.name], runs)).stdout, `${help}\n`);
      assert.equal((await runRunner([verb.name, '--help'], runs)).stdout, `${help}\n`);
      assert.equal((await runRunner([verb.name, 'x', '-h'], runs)).stdout, `${help}\n`);
    }
  }
  assert.deepEqual(readdirSync(runs), [], 'help creates no files');
});

test('exit codes: 0 for help and the version, 2 for a wrong command with an empty stdout', async (context) => {
  const runs = temporaryDir(context);
  assert.deepEqual(await runRunner(['--version'], runs), { code: 0, stdout: '0.1.0\n', stderr: '' });
  const refused: [argv: string[], message: string][] = [
    [['help', 'exlain'], 'no verb "exlain"; did you mean "explain"?'],
    [['help', 'nosuch'], 'no verb "nosuch"; ./runner help lists them'],
    [['complet'], 'no verb "complet"; ./runner help lists them'],
    [[''], 'no verb ""; ./runner help lists them'],
    [['-'], 'no verb "-"; ./runner help lists them'],
    [['exec-stag'], 'no verb "exec-stag"; ./runner help lists them'],
    [['plan'], '"plan": missing FILE. Usage: ./runner plan FILE [STAGE…]'],
    [['ls', 'latest'], '"ls": unexpected "latest". Usage: ./runner ls'],
    [['ls', '--json=foo'], '--json takes no value, but got "foo"'],
    [['setup', 'mlflw'], '"setup" takes mlflow or weights, not "mlflw"; did you mean "mlflow"?'],
    [['setup', 'mlflow', '--gpu'], '"setup": --gpu installs nothing else; leave out "mlflow"'],
    [['setup', 'mlflow', '124M'], '"setup": unexpected "124M". Usage: ./runner setup mlflow'],
    [['setup', 'weights'], 'which weights? one of 124M, 117M, 355M, 345M, 774M, 762M, 1558M, 1542M'],
    [['ui', '--port', '80'], '--port takes a whole number from 1024 to 65535, not "80"'],
    [
      ['export', 'latest', 'x'],
      'for which program? --as gguf, --as huggingface, --as messages, --as sharegpt, --as nanogpt or --as llmc',
    ],
  ];
  for (const [argv, message] of refused)
    assert.deepEqual(await runRunner(argv, runs), { code: 2, stdout: '', stderr: `error ${message}\n` });
});
