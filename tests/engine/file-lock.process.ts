import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../src/engine/tensorflow/install/file-lock.ts';

// argv: the lock's path. Holds it until killed.
await withFileLock(
  process.argv[2]!,
  () => {},
  async () => {
    process.send!('held');
    await sleep(60_000);
  },
);
