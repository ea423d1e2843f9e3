/** `server.json` in a server's folder: its port, and the process that will stop it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import type { ProcessMark } from '../../process/process-mark.ts';

export interface ServerState {
  port: number;
  /** leader of the server's process group */
  leader: ProcessMark;
  /** the process that started it and will stop it */
  owner: ProcessMark;
}

/** null if the file is missing or unreadable. */
export function readState(dir: string): ServerState | null {
  try {
    const state = JSON.parse(readFileSync(statePath(dir), 'utf8')) as ServerState;
    return Number.isInteger(state.port) && Number.isInteger(state.leader.pid) && Number.isInteger(state.owner.pid)
      ? state
      : null;
  } catch {
    return null;
  }
}

export function writeState(dir: string, state: ServerState): void {
  replaceFile(statePath(dir), JSON.stringify(state));
}

export function removeState(dir: string): void {
  rmSync(statePath(dir), { force: true });
}

const statePath = (dir: string): string => join(dir, 'server.json');
