import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/process/lock.ts';

// argv: lock folder, ms to hold the lock, and optionally a file that only the holder may write to, and how many times.
const [dir, holdMs, shared, times] = process.argv.slice(2) as [string, string, string?, string?];
for (let turn = 0; turn < Number(times ?? 1); turn++) {
  await withLock(dir, async () => {
    if (shared) writeFileSync(shared, String(process.pid));
    process.send?.('held');
    await sleep(Number(holdMs));
    if (shared && readFileSync(shared, 'utf8') !== String(process.pid)) process.exit(9);
  });
}
process.exit(0);
