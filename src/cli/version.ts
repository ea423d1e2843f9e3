import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../files/project-root.ts';

/** Of chat-runner. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string }).version;

/** `runner --version` */
export function printVersion(): number {
  console.log(version());
  return 0;
}
