import { readFileSync, readlinkSync } from 'node:fs';
import { printedBy } from './printed-by.ts';

/** What tells apart two starts of a machine, and two containers on it. Each is '' if the system does not say it. */
export interface Boot {
  boot: string;
  /** the number of the PID namespace; macOS has none */
  namespace: string;
}

/** Of this process; read once. */
export function thisBoot(): Boot {
  return (known ??=
    process.platform === 'darwin'
      ? { boot: bootInSysctl(printedBy('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'])), namespace: '' }
      : { boot: bootInProc(), namespace: pidNamespace() });
}

/** `text` is what `sysctl -n kern.bootsessionuuid` prints: a UUID in capital letters. */
export function bootInSysctl(text: string): string {
  return /^[0-9A-F]{8}(?=-)/.exec(text)?.[0] ?? '';
}

// ---------------------------------------------------------------------------

let known: Boot | undefined;

function bootInProc(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}
