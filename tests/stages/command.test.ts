import { inspect } from 'node:util';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { thisMachine } from '../../src/cli/machine/this-machine.ts';
import { contract as command } from '../../stages/command/contract.ts';
import { eventOf } from '../../stages/command/program-output.ts';
import { codeFiles } from '../../stages/command/code-files.ts';
import { lacks } from '../../stages/command/on-this-machine.ts';
import type { Params } from '../../stages/command/params.ts';
import { kinds } from '../../stages/index.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { node, runCommand as run } from './run-command.ts';

/** A secret that must not appear anywhere in messages. */
const CANARY = 'canary-of-a-private-talk';
const talk = (id: string, ...texts: string[]) => ({
  id,
  messages: texts.map((text, place) => ({ from: place % 2 ? 'Bo' : 'Ana', time: 1600000000000 + place, text })),
});

function conversationsIn(context: TestContext, ...conversations: object[]): string {
  const dir = temporaryDir(context);
  writeFileSync(join(dir, 'conversations.jsonl'), conversations.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return dir;
}

test('a script between two stages reads the folder of its input, and its output is rewritten in canonical form', async (context) => {
  const chat = conversationsIn(context, talk('a', 'one', 'two'), talk('b', CANARY));
  const scripts = temporaryDir(context);
  // spaces and a different order of keys, as written by Python's json
  writeFileSync(
    join(scripts, 'keep.mjs'),
    `import fs from 'node:fs';
    const [from, to, least] = process.argv.slice(2);
    const kept = fs.readFileSync(from + '/conversations.jsonl', 'utf8').trim().split('\\n').map((line) => JSON.parse(line)).filter(({ messages }) => messages.length >= Number(least));
    fs.writeFileSync(to + '/conversations.jsonl', kept.map(({ id, messages }) => JSON.stringify({ messages, id }, null, 1).replace(/\\n */g, ' ')).join('\\n'));`,
  );
  const { at, events } = await run(temporaryDir(context), {
    params: {
      argv: [process.execPath, './keep.mjs', '{in:chat}', '{out}', '2'],
      code: ['./keep.mjs'],
      output: 'conversations',
    },
    inputs: { chat },
    sources: { 'code.0': join(scripts, 'keep.mjs') },
  });
  assert.equal(at('conversations.jsonl'), `${JSON.stringify(talk('a', 'one', 'two'))}\n`);
  assert.deepEqual(JSON.parse(at('report.json')), {
    conversations: 1,
    messages: 2,
    people: 2,
    dropped: {},
    read: 2,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  });
  assert.deepEqual(events, []);
});

test('a filter reads stdin from an input and writes stdout to the artifact; other {braces} are kept', async (context) => {
  const chat = conversationsIn(context, talk('a', 'one'), talk('b', 'two'));
  const { at } = await run(temporaryDir(context), {
    params: {
      argv: ['sh', '-c', 'grep \'"id":"b"\' && : {print}', 'sh'],
      stdin: '{in:chat}/conversations.jsonl',
      stdout: '{out}/conversations.jsonl',
      output: 'conversations',
    },
    inputs: { chat },
  });
  assert.equal(at('conversations.jsonl'), `${JSON.stringify(talk('b', 'two'))}\n`);
});

test('a path in `data`, or below a folder in it, is found wherever the pipeline file is', async (context) => {
  const own = temporaryDir(context);
  mkdirSync(join(own, 'lists'));
  writeFileSync(join(own, 'lists', 'a.txt'), 'from a folder');
  writeFileSync(join(own, 'b.txt'), 'from stdin');
  const { at } = await run(temporaryDir(context), {
    params: {
      argv: ['sh', '-c', 'cat - "$1"', 'sh', './lists/a.txt'],
      data: ['./b.txt', './lists/'],
      stdin: './b.txt',
      stdout: '{out}/both.txt',
    },
    sources: { 'data.0': join(own, 'b.txt'), 'data.1': join(own, 'lists') },
  });
  assert.equal(at('both.txt'), 'from stdinfrom a folder');
});

test('the program gets only declared variables and a fixed locale and time zone', async (context) => {
  process.env['COMMAND_TEST_TOKEN'] = 'secret';
  process.env['COMMAND_TEST_STRAY'] = 'stray';
  context.after(() => ['COMMAND_TEST_TOKEN', 'COMMAND_TEST_STRAY'].forEach((name) => delete process.env[name]));
  const { at, outDir } = await run(temporaryDir(context), {
    params: {
      argv: node('require("fs").writeFileSync(process.env.WHERE + "/env.json", JSON.stringify(process.env))'),
      env: { WHERE: '{out}', LEAST: 3, TZ: 'Europe/Berlin' },
    },
    passEnv: ['COMMAND_TEST_TOKEN'],
  });
  const env = JSON.parse(at('env.json')) as Record<string, string>;
  assert.deepEqual(
    [env['WHERE'], env['LEAST'], env['TZ'], env['LANG'], env['COMMAND_TEST_TOKEN'], env['COMMAND_TEST_STRAY']],
    [outDir, '3', 'Europe/Berlin', 'C.UTF-8', 'secret', undefined],
  );
});

test('progress and metrics are read from the output and from metrics.jsonl; nothing else becomes an event', async (context) => {
  const code = `console.log("progress 1/3 files"); console.log(${JSON.stringify(CANARY)}); console.error("metric loss 5 2.5"); console.log("metric loss x y"); console.log("progress 3/3");
    require("fs").writeFileSync(process.argv[1] + "/metrics.jsonl", '{"step":1,"name":"kept/share","value":0.5}\\n{"step":1,"name":"${CANARY} with spaces","value":1}\\nnot json\\n')`;
  const { events } = await run(temporaryDir(context), { params: { argv: node(code, '{out}') } });
  assert.deepEqual(
    [...events].sort((a, b) => a.kind.localeCompare(b.kind)),
    [
      { kind: 'metric', name: 'loss', step: 5, value: 2.5 },
      { kind: 'metric', name: 'kept/share', step: 1, value: 0.5 },
      { kind: 'progress', done: 1, total: 3, unit: 'files' },
      { kind: 'progress', done: 3, total: 3, unit: '' },
    ],
  );
});

test('a line is parsed only in its exact form', () => {
  assert.deepEqual(eventOf('metric a/b_c.d-e 0 -1.5e-3'), {
    kind: 'metric',
    name: 'a/b_c.d-e',
    step: 0,
    value: -0.0015,
  });
  assert.deepEqual(eventOf('metric loss 1 nan'), { kind: 'metric', name: 'loss', step: 1, value: NaN });
  for (const line of [
    'metric loss 1',
    'metric loss 1.5 2',
    'metric loss 1 0x10',
    'metric a b 1 2',
    'progress 1 of 3',
    'progress 1/3 two words',
    ' progress 1/3',
    'progressive 1/2',
    'metric loss 1 2 3',
  ])
    assert.equal(eventOf(line), null, line);
});

test('the output is checked against its declared format; errors name file and line, but never quote the content', async (context) => {
  const wrote = (output: Params['output'], files: Record<string, string>) =>
    run(temporaryDir(context), {
      params: {
        argv: node(
          'for (const [name, text] of Object.entries(JSON.parse(process.argv[2]))) require("fs").writeFileSync(process.argv[1] + "/" + name, text)',
          '{out}',
          JSON.stringify(files),
        ),
        output,
      },
    });
  const errorOf = async (output: Params['output'], files: Record<string, string>): Promise<string> => {
    const error = await wrote(output, files).then(
      () => assert.fail('it was taken'),
      (thrown: Error & { hint?: string }) => thrown,
    );
    assert.equal(error.name, 'StageInputError');
    assert.ok(!error.message.includes(CANARY) && !error.hint?.includes(CANARY), error.message);
    return error.message;
  };
  assert.match(await errorOf('files', {}), /wrote nothing to \{out\}/);
  assert.match(await errorOf('conversations', { 'other.txt': 'x' }), /wrote no conversations\.jsonl to \{out\}/);
  assert.match(
    await errorOf('conversations', { 'conversations.jsonl': `${JSON.stringify(talk('a', 'x'))}\n{"id": "${CANARY}"` }),
    /conversations\.jsonl:2: damaged: not JSON/,
  );
  assert.match(
    await errorOf('conversations', {
      'conversations.jsonl': JSON.stringify({ id: 'a', messages: [{ from: CANARY, text: 'no time' }] }),
    }),
    /:1: damaged: not \{id, messages/,
  );
  assert.match(
    await errorOf('conversations', { 'conversations.jsonl': JSON.stringify(talk('a', 'x', `${CANARY}\nand more`)) }),
    /:1: message 2 contains a line break/,
  );
  assert.match(
    await errorOf('conversations', { 'conversations.jsonl': JSON.stringify(talk('a', CANARY, '')) }),
    /:1: message 2 has no text/,
  );
  assert.match(
    await errorOf('conversations', { 'conversations.jsonl': JSON.stringify(talk('a')) }),
    /:1: the conversation has no messages/,
  );
  assert.match(
    await errorOf('samples', { 'samples.jsonl': `{"prompt":"","text":""}\n{"text":"${CANARY}"}` }),
    /samples\.jsonl:2: not \{prompt/,
  );
  assert.match(await errorOf('report', { 'report.json': `[${CANARY}` }), /report\.json: not JSON/);
  assert.match(await errorOf('tokens', { 'index.json': '{}' }), /output is not valid as tokens/);
  assert.match(await errorOf('checkpoint', { 'a.txt': '' }), /wrote no final\/ to \{out\}/);
  await wrote('report', { 'report.json': '{"loss": 1}' });
  await wrote('samples', { 'samples.jsonl': '{"prompt":"a","text":"b"}\n' });
});

test('refuses a link that leaves the folder', async (context) => {
  const dir = temporaryDir(context);
  mkdirSync(join(dir, 'out'));
  symlinkSync('/etc/hostname', join(dir, 'out', 'link'));
  await assert.rejects(run(dir, { params: { argv: node('0', '{out}') } }), /link in \{out\} is not a regular file/);
});

test('reports an exit code, a signal, and a program that cannot start, but not the output', async (context) => {
  const failing = run(temporaryDir(context), {
    params: { argv: node(`console.error(${JSON.stringify(CANARY)}); process.exit(7)`, '{out}') },
  });
  await assert.rejects(
    failing,
    (error: Error) =>
      error.message === 'node exited with code 7; its output is in the log' && !String(error.stack).includes(CANARY),
  );
  await assert.rejects(
    run(temporaryDir(context), { params: { argv: node('process.exit(127)', '{out}') } }),
    (error: Error) => {
      assert.equal(error.message, 'node exited with code 127 (a program was not found); its output is in the log');
      assert.doesNotMatch(inspect(error), /\{ name/);
      return true;
    },
  );
  await assert.rejects(
    run(temporaryDir(context), { params: { argv: node('process.kill(process.pid, "SIGKILL")', '{out}') } }),
    /node was killed by SIGKILL/,
  );
  await assert.rejects(
    run(temporaryDir(context), { params: { argv: ['no-such-program-here', '{out}'] } }),
    /cannot start "no-such-program-here": ENOENT/,
  );
});

test(
  'when stopped, the program gets SIGTERM and can save to {scratch} for the next attempt',
  { timeout: 30_000 },
  async (context) => {
    const dir = temporaryDir(context);
    const code = `const fs = require("fs"); const [out, scratch] = process.argv.slice(1);
    if (fs.existsSync(scratch + "/at")) { fs.writeFileSync(out + "/done", fs.readFileSync(scratch + "/at")); process.exit(0); }
    process.on("SIGTERM", () => { fs.writeFileSync(scratch + "/at", "41"); process.exit(0); });
    console.log("progress 1/2"); setInterval(() => {}, 1000);`;
    const stop = new AbortController();
    const events: StageEvent[] = [];
    const outDir = join(dir, 'out');
    for (const name of ['out', 'scratch']) mkdirSync(join(dir, name));
    const params = Value.Default(command.params, { argv: node(code, '{out}', '{scratch}') }) as Params;
    const first = command.run({
      params,
      runtime: { passEnv: [] },
      inputs: {},
      sources: {},
      outDir,
      scratchDir: join(dir, 'scratch'),
      emit: (event: StageEvent) => {
        events.push(event);
        stop.abort();
      },
      signal: stop.signal,
    });
    await assert.rejects(first, { name: 'StageStopped' });
    assert.ok(existsSync(join(dir, 'scratch', 'at')));
    const { at } = await run(dir, { params: { argv: node(code, '{out}', '{scratch}') } });
    assert.equal(at('done'), '41');
  },
);

test('before anything runs, reports a missing program and a file that is not declared', (context) => {
  const dir = temporaryDir(context);
  for (const name of ['own.py', 'list.txt']) writeFileSync(join(dir, name), '');
  const locate = (named: string): string => join(dir, named);
  const faults = (params: Partial<Params>) =>
    lacks({ code: [], data: [], env: {}, output: 'files', ...params } as Params, thisMachine(locate)).map(
      ({ path, message }) => `${path} ${message}`,
    );
  assert.deepEqual(faults({ argv: ['pyhton-3', 'x'] }), ['argv.0 no program "pyhton-3"']);
  assert.deepEqual(faults({ argv: ['sh', 'own.py', '{out}'] }), [
    'argv.1 "own.py" is a file that is not declared: the stage would not rerun when it changes',
  ]);
  assert.deepEqual(
    faults({ argv: ['sh', 'own.py', 'list.txt', 'sub/one.py', '{out}'], code: ['own.py', 'sub'], data: ['list.txt'] }),
    [],
  );
  assert.deepEqual(
    lacks(
      { argv: [process.execPath, process.execPath], code: [], data: [] } as unknown as Params,
      thisMachine((named) => named),
    ),
    [],
    'a program of the machine is no file of yours',
  );
});

test('caches beside a script are not part of the key', (context) => {
  const dir = temporaryDir(context);
  for (const folder of ['lib', 'lib/__pycache__', '.git']) mkdirSync(join(dir, folder));
  for (const file of ['a.py', 'lib/b.py', 'lib/__pycache__/b.cpython-311.pyc', 'lib/c.pyc', '.git/config'])
    writeFileSync(join(dir, file), '');
  assert.deepEqual(codeFiles(dir), ['a.py', 'lib/b.py']);
});

test('in a pipeline, the output has the declared type, inputs may be any artifact, and placeholders are checked', () => {
  const errorsOf = (argv: string, more = ''): string => {
    const text = `name: p
stages:
  chat: { kind: ingest, params: { source: x, format: jsonl } }
  clean:
    kind: command
    inputs: { conversations: chat }
    params: { argv: ${argv}${more} }
  tokens: { kind: tokenize, inputs: { conversations: clean } }
`;
    try {
      parsePipeline({ file: 'p.yaml', text, sets: [], kinds, readUsed: () => null });
      return '';
    } catch (error) {
      if (!(error instanceof PipelineFileError)) throw error;
      return error.diagnostics
        .map(({ file, line, column, message, hint }) => `${file}:${line}:${column} ${message}; ${hint}`)
        .join('\n');
    }
  };
  const good = '[sh, "{in:conversations}", "{out}"]';
  assert.equal(errorsOf(good, ', output: conversations'), '');
  assert.match(errorsOf(good), /"clean" makes files, but "conversations" takes conversations/);
  assert.match(
    errorsOf('[sh, "{in:conversation}", "{out}"]', ', output: conversations'),
    /p\.yaml:7:\d+ no input "conversation", only conversations/,
  );
  assert.match(errorsOf('[sh, "{out}"]', ', output: conversations'), /the input "conversations" is not used/);
  assert.match(errorsOf('[sh, "{in:conversations}"]', ', output: conversations'), /\{out\} is not used/);
  assert.match(
    errorsOf(good, ', output: conversation'),
    /"conversation" is not one of .*; did you mean "conversations"/,
  );
});
