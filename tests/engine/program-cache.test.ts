import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compilerEnvironment } from '../../src/engine/numeric-environment.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { temporaryDir } from '../kit/temporary.ts';

const library = findTensorFlow();
const onTensorFlow = { skip: library ? false : "TensorFlow's library is not installed" };
const script = fileURLToPath(new URL('./program-cache.process.js', import.meta.url));

/** Runs a program in a process whose cache folder is `home`; returns the hash of its result. */
async function digestIn(home: string, environment: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, XDG_CACHE_HOME: home, RUNNER_TENSORFLOW: library!.dir, ...environment },
  });
  assert.equal(stderr, '');
  return stdout;
}

function programsIn(home: string): string[] {
  const top = join(home, 'chat-runner', 'compiled-programs');
  return readdirSync(top).flatMap((mark) =>
    readdirSync(join(top, mark)).flatMap((name) => (name === 'known-intact.json' ? [] : [join(top, mark, name)])),
  );
}

test(
  'the next process reuses a compiled program, with the same bits, but not a damaged one',
  onTensorFlow,
  async (context: TestContext) => {
    const home = temporaryDir(context);
    const plain = await digestIn(home, { RUNNER_PROGRAM_CACHE: 'off' });
    assert.deepEqual(readdirSync(home), []);
    assert.equal(await digestIn(home), plain);
    const [path, ...others] = programsIn(home);
    assert.ok(path && others.length === 0, 'one program, and no folder of the process that compiled it');

    const compiledMs = statSync(path).mtimeMs;
    mkdirSync(join(path, '..', 'in-use-999999999-1'));
    assert.equal(await digestIn(home), plain);
    assert.deepEqual(programsIn(home), [path], "reused, and the dead process's folder is deleted");
    assert.equal(statSync(path).mtimeMs, compiledMs);

    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes.subarray(0, bytes.length - 7));
    damaged[damaged.length >> 1]! ^= 1;
    writeFileSync(path, damaged);
    assert.equal(await digestIn(home), plain);
    assert.equal(programsIn(home).length, 1);
    assert.ok(statSync(programsIn(home)[0]!).size > damaged.length, 'compiled and cached again');

    // A wrong program under the right hash shows that TensorFlow does read the cached file.
    for (const kept of programsIn(home)) rmSync(kept);
    writeFileSync(path.replace(/~.*$/, `~${createHash('sha256').update(damaged).digest('hex').slice(0, 32)}`), damaged);
    await assert.rejects(digestIn(home));
  },
);

test(
  'does not reuse a program compiled for another library, processor or setting',
  onTensorFlow,
  async (context: TestContext) => {
    const home = temporaryDir(context);
    await digestIn(home);
    const [first] = programsIn(home);
    writeFileSync(first!, 'not a usable program');
    await digestIn(home, { XLA_FLAGS: '--xla_cpu_enable_fast_min_max=false' });
    assert.equal(readFileSync(first!, 'utf8'), 'not a usable program', 'not even read');
    assert.equal(programsIn(home).length, 2);

    const environment = compilerEnvironment({ engine: 'tensorflow', threads: 2, xla: true });
    assert.ok(
      ['library', 'cpu', 'flags', 'threads', 'compiler'].every((name) => name in environment),
      Object.keys(environment).join(),
    );
    assert.ok(
      environment['flags']!.split(' ').length >= environment['cpu']!.split(' ').length - 1,
      'all flags of the processor, not only those that change bits',
    );
  },
);

test(
  'works with two concurrent processes, and with an unusable cache folder',
  onTensorFlow,
  async (context: TestContext) => {
    const home = temporaryDir(context);
    const [one, other] = await Promise.all([digestIn(home), digestIn(home)]);
    assert.equal(one, other);
    assert.ok(programsIn(home).length >= 1);
    const blocked = temporaryDir(context);
    writeFileSync(join(blocked, 'chat-runner'), 'a file where a folder should be');
    assert.equal(await digestIn(blocked), one);
  },
);
