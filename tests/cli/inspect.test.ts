import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runJson, runRunner, startRunner, writeExport } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

/** `20260102-120000-p-aaaa` → `p-aaaa` */
const nameOf = (run: string): string => run.slice(16);
const file = (dir: string): string => join(dir, 'small.yaml');

/** Two stages that need no tensors, run once. */
async function ranOnce(context: TestContext) {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  writeExport(join(dir, 'export'), 24);
  writeFileSync(
    file(dir),
    'name: small\nstages:\n  chat: { kind: ingest, params: { source: ./export, format: messenger } }\n  tokens: { kind: tokenize, inputs: { conversations: chat }, params: { template: "{name}: {text}", validation: 0.3 } }\n',
  );
  const { run } = await runJson([file(dir)], runs);
  const see = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runRunner(args, runs);
    assert.equal(code, 0, stderr);
    return stdout
      .replaceAll(dir, 'DIR')
      .replaceAll(run, 'RUN')
      .replaceAll(nameOf(run), 'NAME')
      .replace(/\b[0-9a-f]{64}\b/g, 'DIGEST')
      .replace(/\b[0-9a-f]{10}\b/g, 'SHORT')
      .replace(/\b\d+\.\d s\b/g, 'N s')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'WHEN')
      .replace(/\d\d:\d\d:\d\d/g, 'CLOCK');
  };
  return { dir, runs, run, see };
}

test('explain shows changed files of a source, traced from the stage that reads it, a changed param, or cached', async (context) => {
  const { dir, see } = await ranOnce(context);
  assert.equal(
    await see('explain', file(dir), 'tokens'),
    'tokens  tokenize  cached\n  nothing that it reads has changed, so it would not run again\n\nnext: ./runner plan DIR/small.yaml\n',
  );
  const inbox = join(dir, 'export', 'your_activity_across_facebook', 'messages', 'inbox');
  const message = join(inbox, 'ana_1', 'message_1.json');
  writeFileSync(message, readFileSync(message, 'utf8').replace('tea', 'tee'));
  mkdirSync(join(inbox, 'cy_3'));
  writeFileSync(join(inbox, 'cy_3', 'message_1.json'), readFileSync(message, 'utf8').replaceAll('Ana', 'Cy'));
  rmSync(join(inbox, 'bo_2'), { recursive: true });
  assert.equal(
    await see('explain', file(dir), 'tokens', '--set', 'stages.tokens.params.validation=0.25'),
    `tokens  tokenize  waits
  params.validation: 0.3 → 0.25
  input conversations: SHORT → new result of chat (no rerun if the bytes are the same)
    chat: content of source: SHORT → SHORT
      changed: your_activity_across_facebook/messages/inbox/ana_1/message_1.json
      added: your_activity_across_facebook/messages/inbox/cy_3/message_1.json
      removed: your_activity_across_facebook/messages/inbox/bo_2/message_1.json
  would run: tokens (took N s last time)

next: ./runner run DIR/small.yaml --set stages.tokens.params.validation=0.25
`,
  );
  const json = JSON.parse(await see('explain', file(dir), 'chat', '--json')) as {
    verdict: string;
    causes: { kind: string; files: { added: string[] } }[];
    readers: string[];
  };
  assert.deepEqual(
    [json.verdict, json.causes.map(({ kind }) => kind), json.causes[0]?.files.added.length, json.readers],
    ['due', ['source'], 1, ['tokens']],
  );
});

test('ls, show, logs, diff, lineage and graph of a small run', async (context) => {
  const { dir, runs, run, see } = await ranOnce(context);
  assert.equal(
    await see('ls'),
    `run         pipeline  when               took  outcome  loss\nNAME  small     WHEN  N s  done\n\nnext: ./runner show NAME\n`,
  );
  assert.equal(
    await see('show', 'latest'),
    `NAME  done
  small · WHEN · N s

params that are not defaults
  chat.source        ./export
  chat.format        messenger
  tokens.template    {name}: {text}
  tokens.validation  0.3

  stage   kind      outcome   took  result
  chat    ingest    ran      N s  DIR/runs/RUN/stages/chat
  tokens  tokenize  ran      N s  DIR/runs/RUN/stages/tokens

files: DIR/runs/RUN
next:  ./runner compare
`,
  );
  const logs = await see('logs', 'latest');
  assert.match(logs, /^CLOCK {2}chat {4}started\n/);
  assert.match(
    logs,
    /\nCLOCK {2}tokens {2}[\d,]+ tokens in \d+ document.*\n[^]*\nCLOCK {2}tokens {2}ran\n\nnext: \.\/runner show NAME\n$/,
  );
  assert.ok(!(await see('logs', 'latest', 'chat')).includes('tokens'));
  const again = await runJson([file(dir)], runs);
  assert.match(await see('logs', again.run), /^(CLOCK {2}(chat {2}|tokens) {2}.* \(cached\)\n){4}\nnext: /);
  const events = (await see('logs', 'latest', '--json'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { stage: string; kind: string });
  assert.ok(
    events.some(({ stage, kind }) => stage === 'chat' && kind === 'progress'),
    '--json includes progress',
  );
  const lineage = await see('lineage', 'latest/tokens');
  assert.equal(
    lineage,
    `tokens  SHORT  tokenize v${/tokenize v(\d+)/.exec(lineage)?.[1]} · N s · 2 runs
│  template={name}: {text} validation=0.3
└─ conversations: chat  SHORT  ingest v${/ingest v(\d+)/.exec(lineage)?.[1]} · N s · 2 runs
   │  format=messenger
   └─ source: ./export  sha256 DIGEST

next: ./runner show ${nameOf(again.run)}
`,
  );
  const shard = join(runs, 'latest', 'stages', 'tokens', 'index.json');
  assert.match(await see('lineage', shard), /^index\.json {2}[\d,]+ bytes, sha256 DIGEST\ntokens {2}SHORT/);
  assert.equal(
    await see('graph', file(dir)),
    'small\n  chat       ingest\n  └─ tokens  tokenize\n\nnext: ./runner plan DIR/small.yaml\n',
  );

  const second = await runJson([file(dir), '--set=stages.tokens.params.template="{name}> {text}"'], runs);
  const diff = (await see('diff', run, 'latest')).replaceAll(nameOf(second.run), 'SECOND');
  assert.match(
    diff,
    /^ {2}param +NAME +SECOND\n {2}tokens\.template {2}\{name\}: \{text\} +\{name\}> \{text\}\n\nstages that differ\n {2}tokens: SHORT → SHORT\n/,
  );
  const json = JSON.parse(await see('diff', run, 'latest', '--json')) as { params: object; stages: object };
  assert.deepEqual(
    [json.params, Object.keys(json.stages)],
    [{ 'tokens.template': ['{name}: {text}', '{name}> {text}'] }, ['tokens']],
  );
});

test('a run is found by `latest`, by part of its name or by its folder; otherwise candidates are listed', async (context) => {
  const runs = temporaryDir(context);
  makeRun(runs, { run: '20260102-120000-p-aaaa' });
  const dir = makeRun(runs, {
    run: '20260102-120100-p-bbbb',
    startedMs: Date.UTC(2026, 0, 2, 12, 1),
    ok: false,
    results: [{ outcome: 'failed', error: 'no text', artifact: null }],
  });
  const first = async (...args: string[]): Promise<string> => (await runRunner(args, runs)).stdout.split('\n')[0] ?? '';
  assert.equal(await first('show', 'latest'), 'p-bbbb  failed');
  assert.equal(await first('show', 'aaaa'), 'p-aaaa  done');
  assert.equal(await first('show', 'p-aaaa'), 'p-aaaa  done');
  assert.equal(await first('show', dir), 'p-bbbb  failed');
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, stderr, stdout } = await runRunner(args, runs);
    assert.deepEqual([code, stdout], [2, '']);
    return stderr;
  };
  assert.equal(await wrong('show', '-p-'), 'error "show" has no flag -p; flags: --html, --json\n');
  assert.equal(await wrong('show', 'p-'), 'error "p-" matches 2 runs:\n  p-bbbb\n  p-aaaa\n');
  assert.equal(await wrong('show', 'cccc'), 'error no run "cccc"; newest runs: p-bbbb, p-aaaa (all: ./runner ls)\n');
  assert.equal(await wrong('show'), 'error "show": missing RUN. Usage: ./runner show RUN\n');
  assert.match(await wrong('logs', 'aaaa', 'modl'), /has no stage "modl"/);
  assert.match(
    await wrong('lineage', 'README.md'),
    /README\.md is not the result of a stage: results are in .*\/RUN\/stages\/STAGE/,
  );
  assert.match(await wrong('compare', 'aaaa', '--metric', 'loss'), /none of these runs has a metric "loss"/);
});

test('the page of a run shows conversations by the template of their tokens, and where they come from', async (context) => {
  const { dir, run, see } = await ranOnce(context);
  const page = join(dir, 'run.html');
  assert.match(await see('show', run, '--html', page), /page: {2}DIR\/run\.html/);
  const html = readFileSync(page, 'utf8');
  assert.match(html, /show 2 conversations as the model sees them, by the template <code>\{name}: \{text}</);
  assert.equal(html.match(/<article class="card"><header>inbox/g)?.length, 2);
  assert.match(html, /source: \S*export<br><code>sha256 [0-9a-f]{64}</);
  assert.match(html, /inputs: conversations: chat/);
});

test('compare prints a table and writes a page', async (context) => {
  const runs = temporaryDir(context);
  const curve = (name: string, values: number[]) =>
    values.map((value, index) => ({ name, step: index * 10, value, time: 1000 * index }));
  ['0.001', '0.01'].forEach((peak, index) =>
    makeRun(runs, {
      run: `20260102-12000${index}-p-aaa${index}`,
      params: { 'model.schedule.peak': peak, 'model.steps': '20' },
      sweep: { id: 'p-123abc', index, values: { 'stages.model.params.schedule.peak': Number(peak) } },
      metrics: [...curve('eval/loss', [9, 5 - index, 4 + index]), ...curve('train/tokens_seen', [0, 100, 200])],
      samples: [{ prompt: 'Mira:', text: ' tea' }],
    }),
  );
  const page = join(runs, 'compare.html');
  const { stdout, stderr } = await runRunner(['compare', 'p-123abc', '--html', page], runs);
  assert.equal(
    stdout.replace(page, 'PAGE'),
    `p-123abc  held-out loss, best first
peak   best  at step  last  at 200 tokens  tokens   took  outcome  run
0.001     4       20     4              4     200  2.0 s  done     p-aaa0
0.01      4       10     5              5     200  2.0 s  done     p-aaa1

page: PAGE (open it in a browser; it needs no network)
`,
    stderr,
  );
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>[^]*peak=0\.001[^]*<\/html>\n$/);
  const json = JSON.parse((await runRunner(['compare', 'p-123abc', '--json'], runs)).stdout) as {
    equalTokens: number;
    runs: { run: string; atEqualTokens: number }[];
  };
  assert.deepEqual([json.equalTokens, json.runs.map(({ atEqualTokens }) => atEqualTokens)], [200, [4, 5]]);
});

test('files that are not readable as pipelines get one clear line each', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const good = 'name: x\nstages:\n  chat: { kind: ingest, params: { source: ., format: messenger } }\n';
  const write = (name: string, bytes: string | Buffer): string => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  const stderrOf = async (...args: string[]): Promise<string> =>
    (await runRunner(args, runs)).stderr.replaceAll(dir, 'DIR');
  assert.equal(await stderrOf('plan', dir), 'error "DIR" is a folder; name a file in it\n');
  assert.equal(
    await stderrOf('plan', write('latin.yaml', Buffer.from(good.replace('source: .', 'source: caf\xe9'), 'latin1'))),
    'error "DIR/latin.yaml" is not UTF-8: byte 0xe9 at line 3, column 46; save it as UTF-8\n',
  );
  assert.equal(
    await stderrOf('plan', write('wide.yaml', Buffer.from(`\ufeff${good}`, 'utf16le'))),
    'error "DIR/wide.yaml" is UTF-16; save it as UTF-8\n',
  );
  assert.equal(
    await stderrOf('plan', write('zero.yaml', 'name: x\n\0')),
    'error "DIR/zero.yaml" is not text: zero byte at line 2, column 1\n',
  );
  assert.equal(
    await stderrOf('plan', write('big.yaml', Buffer.alloc(17 << 20, 'a'))),
    'error "DIR/big.yaml" is too large for a pipeline: 17 MB\n',
  );
  assert.match(
    await stderrOf('plan', write('empty.yaml', '')),
    /^DIR\/empty\.yaml:1:1 error not a pipeline: the file contains no mapping\n/,
  );
  assert.equal((await runRunner(['plan', write('bom.yaml', `\ufeff${good}`.replaceAll('\n', '\r\n'))], runs)).code, 0);
  assert.match(
    await stderrOf('plan', write('folder.yaml', good.replace('source: .', 'use: ./runs, source: .'))),
    /DIR\/folder\.yaml:3:40 error "\.\/runs" is a folder; name a file in it/,
  );
});

test('logs -f follows until the run has ended', async (context) => {
  const runs = temporaryDir(context);
  const run = '20260102-120000-p-aaaa';
  const dir = makeRun(runs, { run, ok: null });
  const append = (event: object): void => appendFileSync(join(dir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  const note = (text: string) => ({
    kind: 'stage-event',
    stage: 'model',
    replayed: false,
    event: { kind: 'note', text, time: 5 },
  });
  append(note('one'));
  const follower = startRunner(['logs', run, '-f'], runs);
  await eventually('the first line is shown', () => follower.output().includes('one'));
  append(note('two'));
  await eventually('the second line is shown', () => follower.output().includes('two'));
  assert.ok(!follower.output().includes('next:'), 'it is still following');
  append(note('three'));
  makeRun(runs, { run, ok: true });
  const { code, stdout } = await follower.ended;
  assert.equal(code, 0);
  assert.deepEqual(
    stdout.split('\n').map((line) => line.replace(/^\S+ +model +/, '')),
    ['one', 'two', 'three', '', `next: ./runner show ${nameOf(run)}`, ''],
  );
});

test('completion offers verbs, files, stages, runs, flags and the steps of a --set', async (context) => {
  const { dir, runs, run } = await ranOnce(context);
  const offered = async (...words: string[]): Promise<string[]> =>
    (await runRunner(['complete', ...words], runs)).stdout.trimEnd().split('\n');
  assert.deepEqual(await offered('expl'), ['explain']);
  assert.deepEqual(await offered('explain', join(dir, 's')), [file(dir)]);
  assert.deepEqual(await offered('explain', file(dir), ''), ['chat', 'tokens']);
  assert.deepEqual(await offered('run', file(dir), '--set', 'stages.to'), ['stages.tokens.']);
  assert.deepEqual(await offered('run', file(dir), '--set', 'stages.tokens.params.v'), [
    'stages.tokens.params.validation=',
  ]);
  assert.deepEqual(await offered('show', ''), ['latest', nameOf(run)].sort());
  assert.deepEqual(await offered('logs', 'latest', 't'), ['tokens']);
  assert.deepEqual(await offered('logs', '--'), ['--follow', '--json']);
  assert.deepEqual(await offered('compare', 'latest', 'l'), ['latest']);
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await runRunner(['completion', shell], runs)).stdout, /complete/);
  assert.match(
    (await runRunner(['completion', 'bsh'], runs)).stderr,
    /"completion" takes bash, zsh or fish, not "bsh"; did you mean "bash"\?/,
  );
});

test('in a real bash, completion offers the candidates of `complete`', async (context) => {
  if (spawnSync('bash', ['-c', 'true']).status !== 0) return context.skip('no bash on this machine');
  const { dir, runs } = await ranOnce(context);
  const script = `source <("$NODE" "$CLI" completion bash); runner() { "$NODE" "$CLI" "$@"; }; COMP_WORDS=(runner explain ${file(dir)} to); COMP_CWORD=3; _runner 2>/dev/null; echo "\${COMPREPLY[@]}"; complete -p runner`;
  const { stdout } = spawnSync('bash', ['--norc', '-c', script], {
    env: { ...process.env, RUNNER_RUNS: runs, NODE: process.execPath, CLI: join(projectRoot(), 'dist', 'cli.js') },
    encoding: 'utf8',
  });
  assert.equal(stdout, 'tokens\ncomplete -o bashdefault -F _runner runner\n');
});

test('in a real zsh and a real fish as well, and files if `complete` has no candidates', async (context) => {
  const { dir, runs } = await ranOnce(context);
  const folder = temporaryDir(context);
  const env = {
    ...process.env,
    RUNNER_RUNS: runs,
    NODE: process.execPath,
    CLI: join(projectRoot(), 'dist', 'cli.js'),
    HOME: folder,
  };
  const asked = (shell: string, args: string[]): string | null => {
    const { error, stdout } = spawnSync(shell, args, { cwd: folder, env, encoding: 'utf8' });
    return error ? null : stdout;
  };
  for (const name of ['notes.txt', 'together.txt']) writeFileSync(join(folder, name), ''); // not offered beside a stage
  const defined =
    'runner() { "$NODE" "$CLI" "$@"; }; compdef() { :; }; compadd() { shift 3; print -rl -- "$@"; }; _files() { print files; }; source <("$NODE" "$CLI" completion zsh)';
  const zsh = (...words: string[]): string | null =>
    asked('zsh', [
      '-f',
      '-c',
      `${defined}; words=(runner ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=$#words; _runner`,
    ]);
  const found = zsh('explain', file(dir), 'to');
  if (found === null) context.diagnostic('no zsh on this machine');
  else assert.deepEqual([found, zsh('graph', 'no-such')], ['tokens\n', 'files\n']);
  const fish = (line: string): string | null =>
    asked('fish', [
      '--no-config',
      '-c',
      `function runner; "$NODE" "$CLI" $argv; end; runner completion fish | source; complete -C '${line}'`,
    ]);
  const offered = fish(`runner explain ${file(dir)} to`);
  if (offered === null) context.diagnostic('no fish on this machine');
  else assert.deepEqual([offered, fish('runner graph no')], ['tokens\n', 'notes.txt\n']);
});
