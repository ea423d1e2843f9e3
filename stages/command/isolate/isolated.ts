/**
 * Runs a program in a mount namespace that holds only what it may read, with `unshare` of util-linux. The new root is
 * in memory and read-only, and so are the system's folders in it; /tmp is empty and in memory. The program sees only
 * its own processes. Without root, a user namespace lends the rights to mount; the program itself does not get them.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpScript } from './set-up.ts';
import type { Shown } from './shown.ts';

export interface Isolated {
  argv: string[];
  /** whether the program was never started, because the namespace could not be set up */
  hasFailed(): boolean;
  /** deletes the script; call it when the program has ended */
  close(): void;
}

/** argv of a program, so that it runs with only what is shown. */
export function isolated(argv: string[], cwd: string, shown: Shown[]): Isolated {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'isolated-'));
  const [root, unfinished, script] = [join(dir, 'root'), join(dir, 'unfinished'), join(dir, 'set-up.sh')];
  mkdirSync(root);
  writeFileSync(unfinished, '');
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const runner =
    uid === 0
      ? ['setpriv', `--bounding-set=${DROPPED}`, `--inh-caps=${DROPPED}`, '--']
      : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  writeFileSync(script, setUpScript({ root, unfinished, cwd, shown, runner }));
  const unshare = UNSHARE.find((path) => existsSync(path)) ?? 'unshare';
  const rights = uid === 0 ? [] : ['--user', '--map-root-user'];
  return {
    argv: [unshare, ...rights, '--mount', '--pid', '--fork', '--kill-child', '/bin/sh', script, ...argv],
    hasFailed: () => existsSync(unfinished),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Why this machine cannot isolate programs, in the words of its system; null if it can. Tries it once. */
export function isolationFault(): string | null {
  return (tried ??= { fault: tryIt() }).fault;
}

// -----------------------------------------------------------------------------------------------------------

const UNSHARE = ['/usr/bin/unshare', '/bin/unshare', '/run/current-system/sw/bin/unshare'];
/** What root could leave the namespace with. */
const DROPPED = '-sys_admin,-sys_chroot,-sys_ptrace,-mknod';
const PATIENCE_MS = 20_000;

let tried: { fault: string | null } | undefined;

function tryIt(): string | null {
  if (process.platform !== 'linux') return 'only Linux has mount namespaces';
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const trial = isolated(['true'], '/', []);
  try {
    const [program, ...args] = trial.argv;
    const { status, error, stderr } = spawnSync(program!, args, { encoding: 'utf8', timeout: PATIENCE_MS });
    if (status === 0 && !trial.hasFailed()) return null;
    return error?.message ?? (stderr.trim().split('\n')[0] || `unshare exited with code ${status}`);
  } finally {
    trial.close();
  }
}
