import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { writeExport } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const cli = join(projectRoot(), 'dist', 'cli.js');

interface Project {
  dir: string;
  shell(command: string, path?: string): { code: number | null; output: string };
}

/** A folder with a space in its name, a pipeline with one in its name, and a script that starts the program. */
function ownProject(context: TestContext): Project {
  const top = temporaryDir(context);
  const dir = join(top, 'my chats');
  const bin = join(top, 'my bin');
  for (const made of [dir, bin]) mkdirSync(made);
  writeExport(join(dir, 'export'), 24);
  writeFileSync(
    join(dir, 'tea time.yaml'),
    'name: tea time\nstages:\n  chat: { kind: ingest, params: { source: ./export, format: messenger } }\n  tokens: { kind: tokenize, inputs: { conversations: chat }, params: { template: "{name}: {text}", validation: 0.3 } }\n',
  );
  writeFileSync(join(bin, 'runner'), `#!/bin/sh\nRUNNER_CALLED_AS=$0 exec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(bin, 'runner'), 0o755);
  symlinkSync(join(bin, 'runner'), join(dir, 'runner'));
  const shell: Project['shell'] = (command, path = process.env['PATH']!) => {
    const env = { ...process.env, RUNNER_RUNS: join(dir, 'runs'), NO_COLOR: '1', PATH: path };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: dir, env, encoding: 'utf8' });
    return { code: status, output: stdout + stderr };
  };
  return { dir, shell };
}

/** Every command in lines like `next: ./runner show x`, except those that would start a server. */
const commandsIn = (output: string, program: string): string[] =>
  output
    .split('\n')
    .flatMap((line) => {
      const at = line.indexOf(`: ${program} `);
      const spaced = at < 0 ? line.search(/^\S+: {2,}/) : at;
      return line.includes(`${program} `) && spaced >= 0 ? [line.slice(line.indexOf(`${program} `))] : [];
    })
    .filter((command) => !command.startsWith(`${program} ui`));

test('every printed command can be pasted, however the program was called', (context) => {
  const { dir, shell } = ownProject(context);
  const withBin = `${join(dir, '..', 'my bin')}:${process.env['PATH']}`;
  for (const [program, path] of [
    ['./runner', process.env['PATH']!],
    ["'../my bin/runner'", process.env['PATH']!],
    ['runner', withBin],
  ] as const) {
    const pasted = new Set<string>();
    const paste = (command: string): void => {
      if (pasted.has(command)) return;
      pasted.add(command);
      const { code, output } = shell(command, path);
      assert.equal(code, 0, `${command}\n${output}`);
      for (const next of commandsIn(output, program)) paste(next);
    };
    for (const words of [
      "run 'tea time.yaml'",
      "plan 'tea time.yaml' --set 'stages.tokens.params.template=\"{name}> {text}\"'",
      "explain 'tea time.yaml' tokens --set 'stages.tokens.params.template=\"{name}> {text}\"'",
      "graph 'tea time.yaml'",
      'ls',
      'show latest',
      'logs latest',
      'compare',
      'diff latest latest',
      'lineage latest/tokens',
      'gc',
      'verify',
    ])
      paste(`${program} ${words}`);
    assert.ok(pasted.size > 15, [...pasted].join('\n'));
  }
});

test('after a sweep, the closing lines name it, and the commands in them can be pasted', (context) => {
  const { dir, shell } = ownProject(context);
  writeFileSync(
    join(dir, 'sweep.yaml'),
    `name: tea lr\nstages:\n  made: { kind: command, params: { argv: [sh, -c, 'echo $1 > $0/out.txt', '{out}', '1'] } }\nsweep: { stages.made.params.argv: [[sh, -c, 'echo 1 > $0/a', '{out}'], [sh, -c, 'echo 2 > $0/a', '{out}']] }\n`,
  );
  const { code, output } = shell('./runner run sweep.yaml');
  assert.equal(code, 0, output);
  assert.match(
    output,
    /^results: 2 runs of tea lr-[0-9a-f]{6}; the best: runs\/\d+-\d+-tea-lr-[0-9a-f]{4}\/stages\/$/m,
  );
  const curves = commandsIn(output, './runner').find((command) => command.includes('compare'));
  assert.match(curves!, /^\.\/runner compare 'tea lr-[0-9a-f]{6}' --html compare\.html$/);
  assert.equal(shell(curves!).code, 0);
});

test('after an ingest, the closing lines say where its page is', (context) => {
  const { shell } = ownProject(context);
  assert.match(
    shell("./runner run 'tea time.yaml' chat").output,
    /^page: {4}runs\/\d+-\d+-tea-time-[0-9a-f]{4}\/stages\/chat\/report\.html$/m,
  );
});

test('called through npx, hints begin with npx and the package', (context) => {
  const { dir } = ownProject(context);
  const cache = join(dir, '..', '.npm', '_npx', 'abc');
  mkdirSync(join(cache, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(cli, join(cache, 'node_modules', '.bin', 'runner'));
  const hint = (from: string): string => {
    writeFileSync(join(cache, 'package.json'), JSON.stringify({ dependencies: { 'chat-runner': from } }));
    const program = join(cache, 'node_modules', '.bin', 'runner');
    const env = { ...process.env, RUNNER_RUNS: join(dir, 'runs') };
    return spawnSync(process.execPath, [program, 'ls'], { cwd: dir, env, encoding: 'utf8' }).stdout;
  };
  assert.match(hint('file:../../../my chats/chat-runner.tgz'), /^next: npx \.\/chat-runner\.tgz run \S/m);
  assert.match(hint('^0.1.0'), /^next: npx chat-runner run \S/m);
});
