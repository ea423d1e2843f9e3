import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gpuBuild } from '../../src/engine/tensorflow/install/gpu-build.ts';
import { cpuBuild, filesOf, pipOptions } from '../../src/engine/tensorflow/install/pinned-build.ts';
import { resumableFetch } from '../../src/engine/tensorflow/install/resumable-fetch.ts';
import { unpackWheels } from '../../src/engine/tensorflow/install/unpack-wheel.ts';
import { numericEnvironment } from '../../src/engine/numeric-environment.ts';
import { findTensorFlow, installTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { tensorFlowDir, withoutTensorFlow } from './engines.ts';
import { setEnvironment } from '../kit/environment.ts';

const content = Buffer.from(Uint8Array.from({ length: 500_000 }, (_, i) => (i * 31) ^ (i >> 8)));
const sha256 = createHash('sha256').update(content).digest('hex');

test('an interrupted download leaves a partial file, and the next one fetches only the rest', async (context) => {
  const path = join(temporaryDir(context), 'x.partial');
  const { url, ranges } = await serve(context, { breakOffAfter: 200_000 });
  const progress: number[] = [];
  const fetchIt = () => resumableFetch({ url, path, sha256, progress: (done, total) => progress.push(done, total) });
  await assert.rejects(fetchIt());
  const partialBytes = statSync(path).size;
  assert.ok(partialBytes > 0 && partialBytes <= 200_000, `${partialBytes} bytes`);
  assert.deepEqual(readFileSync(path), content.subarray(0, partialBytes));
  progress.length = 0;
  await fetchIt();
  assert.deepEqual(ranges, [undefined, `bytes=${partialBytes}-`]);
  assert.deepEqual(readFileSync(path), content);
  assert.deepEqual(
    [progress[0], progress[1], progress.at(-2), progress.at(-1)],
    [partialBytes, content.length, content.length, content.length],
  );
  await fetchIt();
  assert.deepEqual(
    ranges.at(-1),
    `bytes=${content.length}-`,
    'a complete file is checked, and nothing more is requested',
  );
});

test('a server without support for ranges sends everything again', async (context) => {
  const path = join(temporaryDir(context), 'x.partial');
  writeFileSync(path, content.subarray(0, 1000));
  const { url } = await serve(context, { ranges: false });
  await resumableFetch({ url, path, sha256, progress: () => {} });
  assert.deepEqual(readFileSync(path), content);
});

test('refuses and deletes a wrong file, so that the next attempt starts from the beginning', async (context) => {
  const dir = temporaryDir(context);
  const [source, path] = [join(dir, 'source'), join(dir, 'x.partial')];
  writeFileSync(source, content);
  writeFileSync(path, Buffer.alloc(1000, 7));
  const fetchIt = () => resumableFetch({ url: pathToFileURL(source).href, path, sha256, progress: () => {} });
  await assert.rejects(fetchIt(), /sha256 is [0-9a-f]{64}, not [0-9a-f]{64}; it was deleted/);
  assert.equal(existsSync(path), false);
  await fetchIt();
  assert.deepEqual(readFileSync(path), content);
});

test('resumes file: addresses, too; restarts if the partial file is longer than the source', async (context) => {
  const dir = temporaryDir(context);
  const [source, path] = [join(dir, 'source'), join(dir, 'x.partial')];
  writeFileSync(source, content);
  for (const start of [content.subarray(0, 77_777), Buffer.concat([content, content])]) {
    writeFileSync(path, start);
    const dones: number[] = [];
    await resumableFetch({ url: pathToFileURL(source).href, path, sha256, progress: (done) => dones.push(done) });
    assert.equal(dones[0], start.length < content.length ? start.length : 0);
    assert.deepEqual(readFileSync(path), content);
  }
});

test('RUNNER_TENSORFLOW must have both files, and its identity depends on their content', (context) => {
  const dir = temporaryDir(context);
  setEnvironment(context, { RUNNER_TENSORFLOW: dir });
  writeFileSync(join(dir, 'libtensorflow_cc.so.2'), 'one');
  assert.throws(findTensorFlow, (error: Error) =>
    error.message.startsWith(
      `RUNNER_TENSORFLOW is ${dir}, but libtensorflow_framework.so.2 is not in it. Set it to a folder`,
    ),
  );
  writeFileSync(join(dir, 'libtensorflow_framework.so.2'), 'two');
  const first = findTensorFlow()!;
  assert.equal(first.dir, dir);
  assert.match(first.identity, /^tensorflow [0-9a-f]{16}$/);
  writeFileSync(join(dir, 'libtensorflow_framework.so.2'), 'owt');
  assert.notEqual(findTensorFlow()!.identity, first.identity);
});

test('a folder with the pinned files has the pinned identity', { skip: withoutTensorFlow }, (context) => {
  setEnvironment(context, { RUNNER_TENSORFLOW: tensorFlowDir });
  assert.equal(findTensorFlow()!.identity, 'tensorflow-cpu 2.21.0');
});

test('finds only a complete build in the cache folder; ignores a relative XDG_CACHE_HOME', (context) => {
  const cache = temporaryDir(context);
  const dir = join(cache, 'chat-runner', 'tensorflow-cpu-2.21.0');
  setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: cache });
  assert.equal(findTensorFlow(), null);
  mkdirSync(dir, { recursive: true });
  for (const [relativePath, size] of filesOf(cpuBuild)) {
    const path = join(dir, relativePath);
    writeFileSync(path, '');
    truncateSync(path, size - 1);
    assert.equal(findTensorFlow(), null);
    truncateSync(path, size);
  }
  assert.deepEqual(findTensorFlow(), { dir, identity: 'tensorflow-cpu 2.21.0' });
  assert.equal(findTensorFlow('gpu'), null, 'the build for GPUs is separate');
  process.env['XDG_CACHE_HOME'] = relative(process.cwd(), cache);
  setEnvironment(context, { HOME: join(cache, 'home') });
  assert.equal(findTensorFlow(), null);
});

test('the build for GPUs has TensorFlow and the CUDA files that it needs, with exact sizes', (context) => {
  const cache = temporaryDir(context);
  setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: cache });
  const paths = filesOf(gpuBuild).map(([path]) => path);
  assert.deepEqual(paths.slice(0, 2), ['tensorflow/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_cc.so.2']);
  // `$ORIGIN/../nvidia/*/lib` is their run path; XLA needs an assembler and a library of device code.
  for (const path of [
    'cuda_runtime/lib/libcudart.so.12',
    'cublas/lib/libcublasLt.so.12',
    'cudnn/lib/libcudnn.so.9',
    'cuda_nvcc/bin/ptxas',
    'cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
  ]) {
    assert.ok(paths.includes(`nvidia/${path}`), path);
  }
  assert.ok(
    gpuBuild.wheels.every(
      ({ sha256, bytes, requirement }) => /^[0-9a-f]{64}$/.test(sha256) && bytes > 1e6 && /==/.test(requirement),
    ),
  );
  assert.deepEqual(
    gpuBuild.wheels
      .map((wheel) => pipOptions(wheel).at(-1))
      .filter((platform) => !/^manylinux(2010|2014|_2_27)_x86_64$/.test(platform!)),
    [],
  );

  const dir = join(cache, 'chat-runner', 'tensorflow-2.21.0');
  for (const [path, bytes] of filesOf(gpuBuild)) {
    assert.equal(findTensorFlow('gpu'), null);
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), '');
    truncateSync(join(dir, path), bytes);
  }
  assert.deepEqual(findTensorFlow('gpu'), { dir: join(dir, 'tensorflow'), identity: 'tensorflow 2.21.0' });
  assert.equal(findTensorFlow(), null);
});

test('unpacks wheels so that the libraries find one another, completely or not at all', async (context) => {
  const dir = temporaryDir(context);
  const contents = {
    'tensorflow/libtensorflow_cc.so.2': 'one',
    'tensorflow/readme': 'left out',
    'nvidia/nvcc/bin/ptxas': 'three',
    'nvidia/nvcc/lib/x.so': 'four',
  };
  const wheelOf = (name: string, files: string[]): string => {
    const script =
      'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n, t in zip(sys.argv[2::2], sys.argv[3::2]): z.writestr(n, t)';
    execFileSync('python3', [
      '-c',
      script,
      join(dir, name),
      ...files.flatMap((file) => [file, contents[file as keyof typeof contents]]),
    ]);
    return join(dir, name);
  };
  const paths = [
    wheelOf('a.whl', ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/readme']),
    wheelOf('b.whl', ['nvidia/nvcc/bin/ptxas', 'nvidia/nvcc/lib/x.so']),
  ];
  const wheel = (files: Record<string, number>) => ({
    requirement: 'x==1',
    fileName: 'x-any.whl',
    sha256: '',
    bytes: 0,
    files,
  });
  const build = {
    identity: 'x',
    librariesIn: 'tensorflow',
    contentMark: '',
    wheels: [
      wheel({ 'tensorflow/libtensorflow_cc.so.2': 3 }),
      wheel({ 'nvidia/nvcc/bin/ptxas': 5, 'nvidia/nvcc/lib/x.so': 4 }),
    ],
  };
  const unpack = async (asked: typeof build, targetDir: string): Promise<[number, number][]> => {
    const workDir = join(dir, `work-${targetDir}`);
    mkdirSync(workDir);
    const progressCalls: [number, number][] = [];
    await unpackWheels(asked, paths, {
      workDir,
      targetDir: join(dir, targetDir),
      progress: (...values) => progressCalls.push(values),
    });
    return progressCalls;
  };
  assert.deepEqual(await unpack(build, 'whole'), [
    [3, 12],
    [8, 12],
    [12, 12],
  ]);
  assert.equal(readFileSync(join(dir, 'whole/tensorflow/libtensorflow_cc.so.2'), 'utf8'), 'one');
  assert.ok((statSync(join(dir, 'whole/nvidia/nvcc/bin/ptxas')).mode & 0o111) === 0o111, 'it is executable');
  assert.ok(!existsSync(join(dir, 'whole/tensorflow/readme')));
  const wrong = { ...build, wheels: [build.wheels[0]!, wheel({ 'nvidia/nvcc/lib/x.so': 5 })] };
  await assert.rejects(unpack(wrong, 'wrong'), /x\.so unpacked to 4 bytes, not 5/);
  await assert.rejects(unpack({ ...build, wheels: [wheel({ 'tensorflow/gone': 1 })] }, 'gone'), /cannot unpack a\.whl/);
  for (const name of ['wrong', 'gone']) assert.ok(!existsSync(join(dir, name)));
});

for (const [what, script, expected] of [
  [
    'no python3',
    null,
    /^python3 is missing; its pip is needed to download TensorFlow's library\. Install it \(Debian, Ubuntu: apt install python3-pip/,
  ],
  [
    'no pip',
    'echo "/usr/bin/python3: No module named pip" >&2; exit 1',
    /^python3 has no pip, which is needed to download TensorFlow's library\. Install it/,
  ],
  [
    'no network',
    'echo "WARNING: Retrying after connection broken" >&2; echo "ERROR: No matching distribution found for tensorflow-cpu==2.21.0" >&2; exit 1',
    /^pip cannot download tensorflow-cpu==2\.21\.0 \(ERROR: No matching distribution found for tensorflow-cpu==2\.21\.0\): check the network/,
  ],
  [
    'another build',
    'while [ "$1" != --report ]; do shift; done; echo \'{"install":[{"download_info":{"url":"file:///x","archive_info":{"hashes":{"sha256":"abc"}}}}]}\' > "$2"',
    /^pip would install another build of tensorflow-cpu==2\.21\.0: sha256 abc, not 2b847d/,
  ],
  [
    'an old pip whose download fails',
    'case "$*" in *--report*) echo "no such option: --report" >&2; exit 2;; *) echo "ERROR: boom" >&2; exit 1;; esac',
    /^pip cannot download tensorflow-cpu==2\.21\.0 \(ERROR: boom\)/,
  ],
] as const) {
  test(
    `installing with ${what} says what to do and leaves nothing behind`,
    { skip: process.platform !== 'linux' },
    async (context) => {
      const dir = temporaryDir(context);
      const bin = join(dir, 'bin');
      mkdirSync(bin);
      if (script !== null) {
        writeFileSync(join(bin, 'python3'), `#!/bin/sh\n${script}\n`);
        chmodSync(join(bin, 'python3'), 0o755);
      }
      setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: join(dir, 'cache'), PATH: bin });
      const phases: string[] = [];
      await assert.rejects(
        installTensorFlow((_done, _total, phase) => phases.push(phase)),
        (error: Error) => expected.test(error.message) || assert.fail(error.message),
      );
      assert.equal(phases[0], 'asking pip for TensorFlow');
      assert.equal(findTensorFlow(), null);
    },
  );
}

test('the numeric environment is fast, loads no library, and depends on everything that changes bits', () => {
  const choice = { engine: 'tensorflow' as const, threads: 2, xla: true };
  numericEnvironment(choice);
  const start = performance.now();
  const environment = numericEnvironment(choice);
  const elapsedMs = performance.now() - start;
  assert.ok(elapsedMs < 5, `${elapsedMs} ms`);
  assert.ok(!readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow'), 'no library is loaded');
  assert.deepEqual(Object.keys(environment), ['engine', 'library', 'compiler', 'threads', 'cpu']);
  assert.match(environment['cpu']!, new RegExp(`^${process.arch}\\b`));
  assert.notDeepEqual(numericEnvironment({ ...choice, threads: 3 }), environment);
  assert.notDeepEqual(numericEnvironment({ ...choice, xla: false }), environment);
  assert.deepEqual(
    numericEnvironment({ ...choice, engine: 'tfjs', threads: 3 }),
    numericEnvironment({ ...choice, engine: 'tfjs' }),
  );
});

/** A server of `content` that interrupts its first response, or does not support ranges. */
async function serve(
  context: TestContext,
  { breakOffAfter = Infinity, ranges: knowsRanges = true },
): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    ranges.push(request.headers.range);
    const start = knowsRanges ? Number(/\d+/.exec(request.headers.range ?? '0')![0]) : 0;
    if (start >= content.length) return void response.writeHead(416).end();
    const body = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': body.length });
    if (ranges.length > 1 || breakOffAfter === Infinity) return void response.end(body);
    response.write(body.subarray(0, breakOffAfter), () => setTimeout(() => response.destroy(), 50));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.whl`, ranges };
}
