import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pinnedWheel } from './pinned-wheel.ts';
import { runPython } from './python.ts';
import type { ByteProgress } from './resumable-fetch.ts';

/**
 * Unpacks the two libraries from the wheel into `workDir`, checks their sizes (Python's zipfile checks their CRCs), and only
 * then renames the folder to `targetDir`: whoever sees `targetDir` sees it whole.
 */
export async function unpackWheel(wheelPath: string, workDir: string, targetDir: string, progress: ByteProgress): Promise<void> {
  const libraries = Object.entries(pinnedWheel.libraries);
  const total = libraries.reduce((sum, [, size]) => sum + size, 0);
  const unpackedDir = join(workDir, 'unpacked');
  await mkdir(unpackedDir);
  const names = libraries.map(([name]) => name);
  const result = await runPython(['-c', unpackScript, wheelPath, unpackedDir, ...names], (line) => progress(Number(line), total));
  if (result.kind === 'missing' || result.code !== 0) {
    throw new Error(`cannot unpack ${basename(wheelPath)}: ${result.kind === 'missing' ? 'python3 is missing' : result.stderr.split('\n').at(-1)}`);
  }
  for (const [name, size] of libraries) {
    const actual = (await stat(join(unpackedDir, basename(name)))).size;
    if (actual !== size) throw new Error(`${basename(name)} unpacked to ${actual} bytes, not ${size}`);
  }
  await rm(targetDir, { recursive: true, force: true });
  await rename(unpackedDir, targetDir);
  await syncDir(dirname(targetDir));
}

/** Streams, so that 800 MB never lie in memory; prints the bytes done, and ends when nobody reads that any more. */
const unpackScript = `
import os, sys, zipfile
wheel, target, names = sys.argv[1], sys.argv[2], sys.argv[3:]
done = 0
with zipfile.ZipFile(wheel) as archive:
    for name in names:
        with archive.open(name) as source, open(os.path.join(target, os.path.basename(name)), 'wb') as out:
            while block := source.read(1 << 23):
                out.write(block)
                done += len(block)
                print(done, flush=True)
            out.flush()
            os.fsync(out.fileno())
`;

async function syncDir(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
