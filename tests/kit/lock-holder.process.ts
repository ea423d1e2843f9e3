import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT } from '../../src/process/heartbeat.ts';
import { withLock } from '../../src/process/lock.ts';

// argv: lock folder, ms to hold the lock, and optionally a file that only the holder may write to, and how many times.
const [dir, holdMs, shared, times] = process.argv.slice(2) as [string, string, string?, string?];
// HEARTBEAT=fast: 90 seconds become less than one. BLOCK_MS: blocks the main thread once the heartbeat has begun.
if (process.env['HEARTBEAT'] === 'fast') Object.assign(HEARTBEAT, { beatMs: 100, silenceMs: 600, startAfterMs: 0 });
const blockMs = Number(process.env['BLOCK_MS'] ?? 0);
for (let turn = 0; turn < Number(times ?? 1); turn++) {
  await withLock(dir, async () => {
    if (shared) writeFileSync(shared, String(process.pid));
    process.send?.('held');
    if (blockMs > 0) await sleep(300);
    if (blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
    await sleep(Number(holdMs));
    if (shared && readFileSync(shared, 'utf8') !== String(process.pid)) process.exit(9);
  });
}
process.exit(0);
