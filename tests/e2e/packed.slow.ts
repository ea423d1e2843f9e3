import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { writeExport } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** An empty folder with the packed program beside it, and a shell that knows nothing of this checkout. */
function elsewhere(context: TestContext) {
  const top = temporaryDir(context);
  const [dir, cache] = [join(top, 'evening'), join(top, 'npm')];
  for (const made of [dir, cache]) mkdirSync(made);
  const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', top], {
    cwd: projectRoot(),
    encoding: 'utf8',
  });
  assert.equal(packed.status, 0, packed.stderr);
  const tarball = readdirSync(top).find((name) => name.endsWith('.tgz'))!;
  copyFileSync(join(top, tarball), join(dir, 'chat-runner.tgz'));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(RUNNER_|MLFLOW_|NODE_|npm_(?!config_registry))/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    npm_config_cache: cache,
    // TensorFlow's library is downloaded once for all tests
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    NO_COLOR: '1',
  };
  const shell = (command: string, cwd = dir) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' });
    return { code: status, stdout, output: stdout + stderr };
  };
  return { top, dir, shell };
}

test(
  'in an empty folder, the packed program makes a project of an export and trains on it',
  {
    timeout: 1_200_000,
  },
  (context) => {
    const { top, dir, shell } = elsewhere(context);
    writeExport(join(top, 'export'), 60);
    const init = shell('npx --yes ./chat-runner.tgz init --data ../export');
    assert.equal(init.code, 0, init.output);
    assert.match(init.output, /^chats {4}messenger: 120 messages in 2 conversations, by 3 people$/m);
    assert.match(init.output, /^next: npx \.\/chat-runner\.tgz run$/m);
    const run = shell('npx --yes ./chat-runner.tgz run');
    assert.equal(run.code, 0, run.output);
    assert.match(run.output, /5 ran/);
    const model = join(dir, 'runs', 'latest', 'stages', 'model');
    assert.ok(existsSync(join(model, 'best', 'model.safetensors')));
    assert.deepEqual(readdirSync(dir).toSorted(), ['chat-runner.tgz', 'chats.yaml', 'runner.yaml', 'runs']);

    mkdirSync(join(dir, 'below'));
    const again = shell('npx --yes ../chat-runner.tgz run', join(dir, 'below'));
    assert.match(again.output, /5 cached/, again.output);
    assert.match(shell('npx --yes ./chat-runner.tgz ls').output, /^chats-/m);
  },
);

test('the packed program needs two packages, and outside a project it says what to do', (context) => {
  const { top, dir, shell } = elsewhere(context);
  assert.equal(shell('npx --yes ./chat-runner.tgz --version').code, 0);
  const [installed] = readdirSync(join(top, 'npm', '_npx'));
  const modules = join(top, 'npm', '_npx', installed!, 'node_modules');
  assert.deepEqual(
    readdirSync(modules).filter((name) => /^\w/.test(name)),
    ['chat-runner', 'gpt-3-encoder', 'koffi'],
  );
  const { scripts } = JSON.parse(readFileSync(join(modules, 'chat-runner', 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  assert.ok(!Object.keys(scripts).some((name) => /install$|^prepare$/.test(name)), 'nothing runs at the installation');
  const files = readdirSync(join(modules, 'chat-runner'), { recursive: true, encoding: 'utf8' });
  assert.ok(!files.some((name) => /\.map$|\.ts$|^dist\/tests|^src/.test(name)), files.join('\n'));

  const ls = shell('npx --yes ./chat-runner.tgz ls');
  assert.equal(ls.code, 2);
  assert.match(ls.output, /no project here: .* runner\.yaml; `npx \.\/chat-runner\.tgz init` makes one/);
  assert.deepEqual(readdirSync(dir), ['chat-runner.tgz']);
});
