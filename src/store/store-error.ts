import { UserError } from '../pipeline/diagnostic/user-error.ts';

/** The disk under the store is at fault. */
export class StoreError extends UserError {
  override name = 'StoreError';
}

/** An error of the disk in words with what to do; any other as it was. */
export function toStoreError(error: unknown, storeDir: string): unknown {
  const words = whatHappened((error as NodeJS.ErrnoException).code ?? '', storeDir);
  return words === null || error instanceof StoreError
    ? error
    : Object.assign(new StoreError(words, { cause: error }), { code: (error as NodeJS.ErrnoException).code });
}

/** For a stage that is due on a store that can only be read. */
export function storeNotWritable(storeDir: string, why: string): StoreError {
  return new StoreError(
    `the store cannot be written, so only what is cached can run (${why})\n  hint: ${READ_ONLY_HINT(storeDir)}`,
  );
}

// ---------------------------------------------------------------------------

const READ_ONLY_HINT = (dir: string): string =>
  `make ${dir} writable, or name another folder: RUNNER_RUNS=/some/where ./runner run …`;

function whatHappened(code: string, dir: string): string | null {
  switch (code) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `the store at ${dir} cannot be written (${code})\n  hint: ${READ_ONLY_HINT(dir)}`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space left on the disk that holds ${dir}\n  hint: ./runner gc says what could go; nothing is half-written, and the next run goes on from here`;
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'ESTALE':
    case 'ENOTCONN':
      return `the disk that holds ${dir} does not answer (${code})\n  hint: see to the disk, then ./runner verify, then run again`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `a part of the store at ${dir} is gone (${code}): was its disk, or the folder, taken away?\n  hint: bring it back and run again, or run again to make what is missing`;
    default:
      return null;
  }
}
