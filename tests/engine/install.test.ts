import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDir } from '../kit/temporary.ts';

interface Progress {
  done: number;
  total: number;
  phase: string;
  dir?: string;
}

/** Downloads the real wheel (273 MB), so it runs only on request: RUNNER_TEST_INSTALL=1 npm test -- install */
const skip = process.env['RUNNER_TEST_INSTALL'] ? false : 'set RUNNER_TEST_INSTALL=1 to download the real wheel';

test(
  'installs the real wheel after a kill during download, a kill during unpacking, and two concurrent starts',
  { skip },
  async (context) => {
    const cache = temporaryDir(context);

    const first = start(cache);
    await until(first, ({ phase, done, total }) => phase === 'downloading TensorFlow' && done > total / 3);
    await kill(first);

    const second = start(cache);
    const resumed = await until(second, ({ phase }) => phase === 'downloading TensorFlow');
    assert.ok(resumed.done > 50e6, `resumed after ${resumed.done} bytes`);
    await until(second, ({ phase, done, total }) => phase === 'unpacking TensorFlow' && done > total / 3);
    await kill(second);

    const third = start(cache);
    await until(third, ({ phase }) => phase === 'asking pip for TensorFlow');
    const fourth = start(cache);
    const waiting = until(fourth, ({ phase }) => phase === 'waiting for another process that is installing TensorFlow');
    const ended = [third, fourth].map((child) => until(child, ({ phase }) => phase === 'done'));
    await waiting;
    const [{ dir }, other] = (await Promise.all(ended)) as [Progress, Progress];
    assert.deepEqual([dir, other.dir], [join(cache, 'chat-runner/tensorflow-cpu-2.21.0'), dir]);

    assert.deepEqual(
      readdirSync(join(cache, 'chat-runner')).sort(),
      ['tensorflow-cpu-2.21.0'],
      'leaves nothing else behind',
    );
    assert.equal(
      await sha256Of(join(dir!, 'libtensorflow_cc.so.2')),
      '6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e',
    );
    assert.equal(
      await sha256Of(join(dir!, 'libtensorflow_framework.so.2')),
      'f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b',
    );
  },
);

function start(cache: string): ChildProcess {
  const { RUNNER_TENSORFLOW: _, ...environment } = process.env;
  return fork(fileURLToPath(new URL('./install.process.js', import.meta.url)), {
    env: { ...environment, XDG_CACHE_HOME: cache },
  });
}

function until(child: ChildProcess, holds: (progress: Progress) => boolean): Promise<Progress> {
  return new Promise((resolve, reject) => {
    child.on('message', (progress: Progress) => holds(progress) && resolve(progress));
    child.on('exit', (code) => reject(new Error(`the installing process exited with ${code}`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
