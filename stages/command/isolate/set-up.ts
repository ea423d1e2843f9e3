import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { restBelow } from '../declared-paths.ts';
import { mountsAt } from './mount-table.ts';
import type { Shown } from './shown.ts';

export interface SetUp {
  /** an empty folder outside, where the new root is mounted */
  root: string;
  /** a file that is deleted once everything is set up */
  unfinished: string;
  cwd: string;
  shown: Shown[];
  /** the words that run the program without the rights that the set-up needed */
  runner: string[];
}

/** The shell script that is process 1 of the namespace: it sets it up, runs its arguments as a program and waits. */
export function setUpScript({ root, unfinished, cwd, shown, runner }: SetUp): string {
  const at = (path: string): string => quoted(root + path);
  const own = (folder: string): boolean =>
    [cwd, ...shown.map(({ path }) => path)].some((path) => restBelow(path, folder) !== null);
  const system = SYSTEM.filter((dir) => existsSync(dir) && !(dir === '/opt' && own(dir)));
  const isBelow = (path: string, folders: string[]): boolean =>
    folders.some((folder) => restBelow(path, folder) !== null);
  const covered = outermost([...PEOPLES.filter(own), cwd].filter((dir) => existsSync(dir) && isBelow(dir, system)));
  const seen = (path: string): boolean => isBelow(path, system) && !isBelow(path, covered);
  const more = shown.filter(({ path, writable, hidden }) => writable || hidden.length > 0 || !seen(path));
  return [
    FUNCTIONS,
    `mount -t tmpfs -o mode=755 tmpfs ${quoted(root)}`,
    `mkdir ${['/proc', '/tmp', '/var', '/run', '/dev', '/dev/shm', '/.old'].map(at).join(' ')}`,
    `: > ${at('/.empty')}; ln -s /tmp ${at('/var/tmp')}`,
    `for name in fd fd/0:stdin fd/1:stdout fd/2:stderr; do ln -s "/proc/self/\${name%:*}" ${at('/dev/')}"\${name#*:}"; done`,
    `for dir in ${at('/tmp')} ${at('/dev/shm')}; do mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$dir"; done`,
    `mount -t proc proc ${at('/proc')}`,
    `for path in ${DEVICES}; do [ ! -e "$path" ] || bind "$path" ${quoted(root)}"$path"; done`,
    ...system.flatMap((path) => systemLines(path, at)),
    ...covered.map((dir) => `hide ${at(dir)} ''`),
    ...LINKED.flatMap((path) => linkedFile(path, seen)).flatMap((path) => readOnly(path, at)),
    ...more.toSorted((a, b) => a.path.length - b.path.length).flatMap((one) => shownLines(one, at)),
    ...more.flatMap(({ hidden }) => hidden.map((path) => `lock ${at(path)} ''`)),
    `mkdir -p ${at(cwd)}`,
    ...covered.map((dir) => `lock ${at(dir)} ''`),
    `cd ${quoted(root)}; pivot_root . .old; cd /; rm ${quoted(`/.old${unfinished}`)}`,
    'umount -l /.old; rmdir /.old; rm /.empty; lock / ""',
    `cd ${quoted(cwd)}; PATH=$own_path; code=0`,
    `${runner.map(quoted).join(' ')} "$@" || code=$?`,
    // When this process ends, the system kills everything else in the namespace.
    'n=0; while [ $n -lt 20 ]; do set -- /proc/[0-9]*; [ $# -gt 1 ] || break; sleep 0.1; n=$((n+1)); done',
    'exit $code',
    '',
  ].join('\n');
}

// -----------------------------------------------------------------------------------------------------------

const FUNCTIONS = `set -e
own_path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin
bind() {
  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "\${2%/*}"; [ -e "$2" ] || : > "$2"; fi
  mount --rbind "$1" "$2"
}
lock() { mount -o "remount,bind,ro$2" "$1"; }
hide() { if [ -d "$1" ]; then mount -t tmpfs -o mode=755 tmpfs "$1"; else mount --bind "$2" "$1"; fi; }`;

/** The last ones are GPUs. */
const DEVICES =
  '/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/nvidia* /dev/nvidia-caps /dev/kfd /dev/dri';

/** Without /opt if the checkout or something declared is there. */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/sys'],
  ...['/nix', '/gnu', '/snap', '/run/current-system', '/run/opengl-driver'],
];
/** Often links out of the system's folders. */
const LINKED = ['/etc/resolv.conf', '/etc/hosts', '/etc/localtime'];

/** Where people, and images with a checkout in them, keep files of their own inside of the system's folders. */
const PEOPLES = ['/usr/src', '/usr/local/src'];

/** Without those inside of another one. */
const outermost = (dirs: string[]): string[] =>
  dirs.filter((dir) => !dirs.some((other) => other !== dir && restBelow(dir, other) !== null));

type At = (path: string) => string;

function systemLines(path: string, at: At): string[] {
  return lstatSync(path).isSymbolicLink()
    ? [`mkdir -p ${at(dirname(path))}; ln -s ${quoted(readlinkSync(path))} ${at(path)}`]
    : readOnly(path, at);
}

function linkedFile(path: string, seen: (path: string) => boolean): string[] {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return [];
  const target = resolve(dirname(path), readlinkSync(path));
  return existsSync(target) && !seen(target) ? [target] : [];
}

const readOnly = (path: string, at: At): string[] => [
  `bind ${quoted(path)} ${at(path)}`,
  ...mountsAt(path).map(
    ({ below, flags }) => `lock ${at(path + below)} ${quoted(flags.map((flag) => `,${flag}`).join(''))}`,
  ),
];

function shownLines({ path, writable, hidden }: Shown, at: At): string[] {
  return [
    ...(writable ? [`bind ${quoted(path)} ${at(path)}`] : readOnly(path, at)),
    ...hidden.map((hiddenPath) => `hide ${at(hiddenPath)} ${at('/.empty')}`),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
