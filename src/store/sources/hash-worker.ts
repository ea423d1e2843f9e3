/** A worker thread of `hash-files.ts`: takes the next file until none is left, and sends each file's hash. */
import { parentPort, workerData } from 'node:worker_threads';
import { sha256OfFile } from '../../files/sha256.ts';

export interface HashShare {
  paths: string[];
  /** indices into `paths`, in the order in which the threads take them */
  order: number[];
  /** one number, shared by all threads: how many entries of `order` have been taken */
  next: Int32Array;
  /** one number, shared by all threads: bytes hashed so far */
  done: BigInt64Array;
  bufferBytes: number;
}

export interface HashedFile {
  /** index into `paths` */
  index: number;
  sha256: string;
}

const { paths, order, next, done, bufferBytes } = workerData as HashShare;
const buffer = Buffer.allocUnsafe(bufferBytes);
for (let turn = Atomics.add(next, 0, 1); turn < order.length; turn = Atomics.add(next, 0, 1)) {
  const index = order[turn]!;
  const sha256 = sha256OfFile(paths[index]!, (bytes) => Atomics.add(done, 0, BigInt(bytes)), buffer);
  parentPort!.postMessage({ index, sha256 } satisfies HashedFile);
}
