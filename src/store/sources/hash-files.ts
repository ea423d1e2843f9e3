import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

export interface FileToHash {
  /** absolute */
  path: string;
  bytes: number;
}

/** Below this, the threads would cost more time than they save. */
const WORTH_THREADS_BYTES = 192 << 20;
const READ_BYTES = 2 << 20;
const TELL_EVERY_MS = 200;

/** sha256 of each file, in their order; large amounts on every core. `onBytes` hears how far it is. */
export async function hashFiles(
  files: FileToHash[],
  onBytes: (done: number, total: number) => void = () => {},
): Promise<string[]> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const threads = Math.min(availableParallelism(), files.length);
  if (total < WORTH_THREADS_BYTES) return hashHere(files, total, onBytes);
  return hashInThreads(files, threads, (done) => onBytes(done, total));
}

// ---------------------------------------------------------------------------

async function hashHere(
  files: FileToHash[],
  total: number,
  onBytes: (done: number, total: number) => void,
): Promise<string[]> {
  const piece = Buffer.allocUnsafe(
    Math.max(1, Math.min(READ_BYTES, Math.max(0, ...files.map(({ bytes }) => bytes)) + 1)),
  );
  let done = 0;
  const sums: string[] = [];
  for (const { path, bytes } of files) {
    sums.push(hashOne(path, piece));
    onBytes((done += bytes), total);
    // many small files must not make Ctrl-C wait
    if (sums.length % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return sums;
}

function hashOne(path: string, piece: Buffer): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** Each thread takes the next file, the largest first, so that none is left alone with a large one at the end. */
async function hashInThreads(files: FileToHash[], threads: number, onBytes: (done: number) => void): Promise<string[]> {
  const order = files.map((_, index) => index).sort((a, b) => files[b]!.bytes - files[a]!.bytes);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const done = new BigInt64Array(new SharedArrayBuffer(8));
  const sums: string[] = [];
  const telling = setInterval(() => onBytes(Number(Atomics.load(done, 0))), TELL_EVERY_MS);
  const share: HashShare = { paths: files.map(({ path }) => path), order, next, done, readBytes: READ_BYTES };
  const workers: Worker[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // as text, so that it needs no file of its own beside the bundle
      const worker = new Worker(`(${hashShare.toString()})(require)`, { eval: true, workerData: share });
      workers.push(worker);
      worker.on('message', ({ index, sum }: { index: number; sum: string }) => (sums[index] = sum));
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  try {
    await Promise.all(Array.from({ length: threads }, work));
    return sums;
  } finally {
    clearInterval(telling);
    for (const worker of workers) void worker.terminate();
  }
}

interface HashShare {
  paths: string[];
  order: number[];
  next: Int32Array;
  done: BigInt64Array;
  readBytes: number;
}

/** Runs in a thread, from its text: it sees nothing of this file. */
function hashShare(load: NodeJS.Require): void {
  const { createHash } = load('node:crypto') as typeof import('node:crypto');
  const { closeSync, openSync, readSync } = load('node:fs') as typeof import('node:fs');
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads');
  const { paths, order, next, done, readBytes } = workerData as HashShare;
  const piece = Buffer.allocUnsafe(readBytes);
  for (let turn = Atomics.add(next, 0, 1); turn < order.length; turn = Atomics.add(next, 0, 1)) {
    const index = order[turn]!;
    const hash = createHash('sha256');
    const file = openSync(paths[index]!, 'r');
    try {
      for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
        hash.update(piece.subarray(0, read));
        Atomics.add(done, 0, BigInt(read));
      }
    } finally {
      closeSync(file);
    }
    parentPort!.postMessage({ index, sum: hash.digest('hex') });
  }
}
