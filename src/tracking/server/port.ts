/** Ports on this machine: which are free, and which program uses one. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { printedBy } from '../../process/printed-by.ts';

export const host = '127.0.0.1';

export function portIsFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}

/** The first free port of the ten from `first` on, otherwise any. None of those ten is a port that fetch refuses. */
export async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + 10; port++) if (await portIsFree(port)) return port;
  return anyPort();
}

/** For example "node (process 123)", read from `/proc`, or from `lsof` on macOS; '' if unknown. */
export function portUser(port: number): string {
  if (process.platform === 'darwin')
    return userInLsof(printedBy('/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']));
  try {
    const inode = listeningInode(port);
    return inode ? processWith(`socket:[${inode}]`) : '';
  } catch {
    return '';
  }
}

/** `text` is what `lsof -Fpc` prints: a line `p123` for each process, followed by its name as `cnode`. */
export function userInLsof(text: string): string {
  const [, pid, name] = /^p(\d+)\nc(.*)$/m.exec(text) ?? [];
  return pid === undefined ? '' : `${name} (process ${pid})`;
}

// ---------------------------------------------------------------------------------------------------------------------

function anyPort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function listeningInode(port: number): string | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(local) && fields[3] === '0A')?.[9];
}

function processWith(link: string): string {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => linkTarget(`/proc/${pid}/fd/${fd}`) === link);
      if (holds) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
    } catch {
      // another user's process, or one that has just ended
    }
  }
  return '';
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
