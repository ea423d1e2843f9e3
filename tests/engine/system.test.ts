/** What differs between the systems that TensorFlow exists for, as values: nothing here runs on another system. */
import assert from 'node:assert/strict';
import { mkdirSync, readSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import koffi from 'koffi';
import { chipFamily, numericEnvironment } from '../../src/engine/numeric-environment.ts';
import { openUnnamed, systemLibraryOn } from '../../src/engine/tensorflow/c/system-library.ts';
import { linuxArmBuild, macBuild } from '../../src/engine/tensorflow/install/arm-builds.ts';
import { contentMark } from '../../src/engine/tensorflow/install/content-mark.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { cpuBuild, filesOf, pipOptions } from '../../src/engine/tensorflow/install/pinned-build.ts';
import { wheelUrl } from '../../src/engine/tensorflow/install/pip-wheel.ts';
import { resumableFetch } from '../../src/engine/tensorflow/install/resumable-fetch.ts';
import { buildOn, libraryNamesOn, whyNotInstallable } from '../../src/engine/tensorflow/install/system.ts';
import { unpackWheels } from '../../src/engine/tensorflow/install/unpack-wheel.ts';
import { setEnvironment } from '../kit/environment.ts';
import { temporaryDir } from '../kit/temporary.ts';

const mac = { platform: 'darwin', arch: 'arm64' } as const;
const linux = { platform: 'linux', arch: 'x64' } as const;
const linuxArm = { platform: 'linux', arch: 'arm64' } as const;

test('each system has its build, whose files are named as its libraries are', () => {
  for (const [system, build] of [
    [linux, cpuBuild],
    [linuxArm, linuxArmBuild],
    [mac, macBuild],
  ] as const) {
    assert.equal(buildOn(system, 'cpu'), build);
    assert.deepEqual(
      filesOf(build).map(([path]) => path),
      libraryNamesOn(system),
    );
  }
  assert.equal(buildOn({ ...mac, arch: 'x64' }, 'cpu'), null);
  assert.equal(buildOn(mac, 'gpu'), null);
  assert.ok(pipOptions(macBuild.wheels[0]!).includes('macosx_12_0_arm64'));
  assert.ok(pipOptions(linuxArmBuild.wheels[0]!).includes('manylinux_2_27_aarch64'));
});

test('where TensorFlow cannot be installed, the message says why and what to do', () => {
  const versions = { kernel: '23.5.0', glibc: '2.36' };
  assert.equal(whyNotInstallable(linux, 'cpu', versions), null);
  assert.equal(whyNotInstallable(linuxArm, 'cpu', versions), null);
  assert.equal(whyNotInstallable(linux, 'gpu', versions), null);
  assert.equal(whyNotInstallable(mac, 'cpu', { ...versions, glibc: null }), null);
  const why = (system: Parameters<typeof whyNotInstallable>[0], more = {}): string =>
    whyNotInstallable(system, 'cpu', { ...versions, ...more }) ?? assert.fail('it can be installed');
  const intelMac = why({ ...mac, arch: 'x64' }, { glibc: null });
  assert.match(intelMac, /no TensorFlow for Macs with Intel processors since 2\.16.*Docker.*engine: tfjs/);
  assert.match(why(mac, { kernel: '20.6.0' }), /needs macOS 12/);
  assert.match(why(linux, { glibc: null }), /linux x64 with a C library other than glibc.*RUNNER_TENSORFLOW/);
  assert.match(why(linux, { glibc: '2.17' }), /linux x64 with glibc 2\.17 \(only for Linux.*2\.27/);
  assert.match(why({ platform: 'freebsd', arch: 'x64' }), /for freebsd x64 \(only/);
  assert.match(whyNotInstallable(mac, 'gpu', versions)!, /GPUs.*darwin arm64: set RUNNER_DEVICE=cpu/);
});

test('a stage key names the platform, except on Linux', (context) => {
  setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: temporaryDir(context) });
  const choice = { engine: 'tensorflow', threads: 2, xla: true } as const;
  const onMac = numericEnvironment(choice, mac);
  assert.deepEqual([onMac['platform'], onMac['library']], ['darwin', 'tensorflow 2.21.0 macos-arm64']);
  assert.match(onMac['cpu']!, /^arm64/);
  assert.equal(numericEnvironment({ ...choice, engine: 'tfjs' }, mac)['platform'], 'darwin');
  for (const engine of ['tensorflow', 'tfjs'] as const)
    assert.ok(!('platform' in numericEnvironment({ ...choice, engine }, linux)));
  assert.equal(numericEnvironment(choice, linux)['library'], 'tensorflow-cpu 2.21.0');
  assert.equal(numericEnvironment(choice, linuxArm)['library'], 'tensorflow 2.21.0 linux-arm64');
});

test('Apple chips of one family have one key', () => {
  for (const model of ['Apple M2', 'Apple M2 Pro', 'Apple M2 Ultra']) assert.equal(chipFamily(model), 'Apple M2');
  assert.equal(chipFamily('Apple M1 (Virtual)'), 'Apple M1');
  assert.equal(chipFamily('Apple M10 Max'), 'Apple M10');
  assert.equal(chipFamily('Apple A18 Pro'), 'Apple A18');
  assert.equal(chipFamily(''), '');
});

test("finds a Mac's libraries in the cache folder", (context) => {
  const cache = temporaryDir(context);
  setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: cache });
  const dir = join(cache, 'chat-runner', 'tensorflow-2.21.0-macos-arm64');
  mkdirSync(dir, { recursive: true });
  assert.equal(findTensorFlow('cpu', mac), null);
  sparse(dir, filesOf(macBuild));
  assert.deepEqual(findTensorFlow('cpu', mac), { dir, identity: 'tensorflow 2.21.0 macos-arm64' });
  assert.equal(findTensorFlow('cpu', linux), null);
  setEnvironment(context, { RUNNER_TENSORFLOW: dir });
  assert.match(findTensorFlow('cpu', mac)!.identity, /^tensorflow [0-9a-f]{16}$/);
  assert.throws(
    () => findTensorFlow('cpu', linux),
    /libtensorflow_framework\.so\.2 and libtensorflow_cc\.so\.2 are not/,
  );
});

test('a file without a name holds what was written, on Linux in memory and elsewhere on disk', () => {
  const libc = koffi.load(systemLibraryOn(process.platform).path);
  for (const platform of new Set([process.platform, 'darwin'] as const)) {
    const fd = openUnnamed(libc, platform);
    writeSync(fd, 'a message');
    const read = Buffer.alloc(20);
    assert.equal(read.toString('utf8', 0, readSync(fd, read, 0, 20, 0)), 'a message', platform);
  }
});

/** Downloads both wheels (505 MB), so it runs only on request: RUNNER_TEST_INSTALL=1 npm test -- system */
const skip = process.env['RUNNER_TEST_INSTALL'] ? false : 'set RUNNER_TEST_INSTALL=1 to download the real wheels';

for (const build of [macBuild, linuxArmBuild])
  test(`the real wheel of ${build.identity} unpacks to the pinned libraries`, { skip }, async (context) => {
    const dir = temporaryDir(context);
    const [wheel] = build.wheels as [(typeof build.wheels)[0]];
    const [workDir, targetDir, path] = [join(dir, 'work'), join(dir, 'target'), join(dir, wheel.fileName)];
    mkdirSync(workDir);
    const url = await wheelUrl(wheel, workDir);
    await resumableFetch({ url: url!, path, sha256: wheel.sha256, bytes: wheel.bytes, progress: () => {} });
    await unpackWheels(build, [path], { workDir, targetDir, progress: () => {} });
    assert.equal(contentMark(filesOf(build).map(([name]) => join(targetDir, name))), build.contentMark);
  });

function sparse(dir: string, files: [path: string, bytes: number][]): void {
  for (const [path, bytes] of files) {
    writeFileSync(join(dir, path), '');
    truncateSync(join(dir, path), bytes);
  }
}
