import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A temporary folder that is deleted after the test. */
export function temporaryDir(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'runner-test-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Polls until `holds` returns true, to wait for another process. */
export async function eventually(what: string, holds: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
