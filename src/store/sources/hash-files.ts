import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { projectRoot } from '../../files/project-root.ts';
import { sha256OfFile } from '../../files/sha256.ts';
import type { HashShare, HashedFile } from './hash-worker.ts';

export interface FileToHash {
  /** absolute */
  path: string;
  bytes: number;
}

/** Below this total, starting threads would take longer than they save. */
const WORTH_THREADS_BYTES = 192 << 20;
const READ_BYTES = 2 << 20;
const REPORT_EVERY_MS = 200;

/** The sha256 of each file, in the given order. Uses all cores for large amounts. Reports progress to `onBytes`. */
export async function hashFiles(
  files: FileToHash[],
  onBytes: (done: number, total: number) => void = () => {},
): Promise<string[]> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const threads = Math.min(availableParallelism(), files.length);
  if (total < WORTH_THREADS_BYTES) return hashHere(files, total, onBytes);
  try {
    return await hashInThreads(files, threads, (done) => onBytes(done, total));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_WORKER_') !== true) throw error;
    return hashHere(files, total, onBytes); // the system has no thread or no memory for it
  }
}

// ---------------------------------------------------------------------------

async function hashHere(
  files: FileToHash[],
  total: number,
  onBytes: (done: number, total: number) => void,
): Promise<string[]> {
  const buffer = Buffer.allocUnsafe(
    Math.max(1, Math.min(READ_BYTES, Math.max(0, ...files.map(({ bytes }) => bytes)) + 1)),
  );
  let done = 0;
  const sums: string[] = [];
  for (const { path, bytes } of files) {
    sums.push(sha256OfFile(path, undefined, buffer));
    onBytes((done += bytes), total);
    // let Ctrl-C through while hashing many small files
    if (sums.length % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return sums;
}

/** Threads take the files largest first, so that no thread is left alone with a large file at the end. */
async function hashInThreads(files: FileToHash[], threads: number, onBytes: (done: number) => void): Promise<string[]> {
  const order = files.map((_, index) => index).sort((a, b) => files[b]!.bytes - files[a]!.bytes);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const done = new BigInt64Array(new SharedArrayBuffer(8));
  const sums: string[] = [];
  const reporting = setInterval(() => onBytes(Number(Atomics.load(done, 0))), REPORT_EVERY_MS);
  const share: HashShare = { paths: files.map(({ path }) => path), order, next, done, bufferBytes: READ_BYTES };
  const workers: Worker[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(join(projectRoot(), 'dist', 'hash-worker.js'), { workerData: share });
      workers.push(worker);
      worker.on('message', ({ index, sha256 }: HashedFile) => (sums[index] = sha256));
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  try {
    await Promise.all(Array.from({ length: threads }, work));
    return sums;
  } finally {
    clearInterval(reporting);
    for (const worker of workers) void worker.terminate();
  }
}
