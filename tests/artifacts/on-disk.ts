import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';

/** A new folder that is deleted after the test. */
export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes files by relative path; anything but a string or bytes as JSON. */
export function writeFiles(dir: string, files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    );
  }
}

/** A file or folder of the real data beside the project, or null, in which case the test should be skipped. */
export function sharedData(name: string): string | null {
  const path = join(process.env['RUNNER_SHARED_DATA'] ?? join(projectRoot(), '..', 'shared', 'data'), name);
  return existsSync(path) ? path : null;
}

export const NO_SHARED_DATA = 'the real data beside the project is absent';
