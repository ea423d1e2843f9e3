import { calledAs } from '../files/called-as.ts';
import { UserError } from '../pipeline/diagnostic/user-error.ts';

/** The disk or folder of the store failed, or the store is full. */
export class StoreError extends UserError {
  override name = 'StoreError';
}

/** Turns a system error of the disk into a StoreError with a message and a hint; returns any other error unchanged. */
export function toStoreError(error: unknown, storeDir: string): unknown {
  const message = messageFor((error as NodeJS.ErrnoException).code ?? '', storeDir);
  return message === null || error instanceof StoreError
    ? error
    : Object.assign(new StoreError(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code });
}

/** For a stage that is due, or a command that changes the store, when the store is read-only. */
export function storeNotWritable(storeDir: string, why: string): StoreError {
  return new StoreError(
    `the store is not writable, so only cached stages can be used (${why})\n  hint: ${notWritableHint(storeDir)}`,
  );
}

// ---------------------------------------------------------------------------

const notWritableHint = (dir: string): string =>
  `make ${dir} writable, or use another folder: RUNNER_RUNS=/some/folder ${calledAs()} run …`;

function messageFor(code: string, dir: string): string | null {
  switch (code) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `cannot write to the store at ${dir} (${code})\n  hint: ${notWritableHint(dir)}`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space left on the disk that holds ${dir}\n  hint: ${calledAs()} gc lists what can be deleted; the store is intact, and the next run continues from here`;
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'ESTALE':
    case 'ENOTCONN':
      return `the disk that holds ${dir} does not respond (${code})\n  hint: fix the disk, then ${calledAs()} verify, then run again`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `part of the store at ${dir} is missing (${code}); was its disk or folder removed?\n  hint: bring it back and run again, or just run again to recompute what is missing`;
    default:
      return null;
  }
}
