import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, found by walking up from the file that this code was bundled into. */
export function projectRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!isRoot(dir)) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error(`no package.json of this project above ${fileURLToPath(import.meta.url)}`);
    dir = parent;
  }
  return dir;
}

function isRoot(dir: string): boolean {
  const path = join(dir, 'package.json');
  return existsSync(path) && (JSON.parse(readFileSync(path, 'utf8')) as { name?: string }).name === 'chat-runner';
}
