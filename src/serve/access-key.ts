import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { replaceFileDurably } from '../files/replace-file.ts';

/** Where the key lies that clients must send: a file that only its owner may read. */
export const accessKeyPath = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'chat-runner', 'access-key');

/** The key of earlier starts, so that clients can store it; a new one if there is none yet, or `fresh`. */
export function accessKey(path: string, fresh: boolean): string {
  const kept = fresh ? null : keptKey(path);
  if (kept !== null) return kept;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700); // the file is private from its first moment, whoever made the folder
  const key = randomBytes(16).toString('base64url');
  replaceFileDurably(path, `${key}\n`);
  chmodSync(path, 0o600);
  return key;
}

// ---------------------------------------------------------------------------

function keptKey(path: string): string | null {
  try {
    const key = readFileSync(path, 'utf8').trim();
    if (!/^[\w-]{22}$/.test(key)) return null;
    chmodSync(path, 0o600);
    return key;
  } catch {
    return null;
  }
}
