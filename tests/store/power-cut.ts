import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Disk } from '../../src/files/disk.ts';
import { watchedDisk } from './publish-kit.ts';

/**
 * Models a file system to know its state after a power cut. The synced content of a file and the synced names in a
 * folder survive. Any later change may survive or not, each independently, as POSIX allows.
 */
interface File {
  kind: 'file';
  now: Buffer;
  safe: Buffer;
}

interface Folder {
  kind: 'folder';
  now: Map<string, Node>;
  safe: Map<string, Node>;
}

type Node = File | Folder;

/**
 * Decides whether a change after the last sync survives. For `content`, `zeros` means that only its length survives.
 */
export type Luck = (doubt: 'content' | 'name') => 'new' | 'old' | 'zeros';

export interface PowerCut {
  disk: Disk;
  /** writes into `dir` what a power cut after the first n operations leaves */
  leaves(n: number, dir: string, luck: Luck): void;
  operations(): number;
}

/** Everything in `root` now counts as synced, except for `root/work`. */
export function recordPowerCuts(root: string, disk: Disk): PowerCut {
  const tree = readTree(root, true) as Folder;
  const states: Folder[] = [];
  const open = new Map<number, string>();
  const stepsTo = (path: string): string[] =>
    relative(root, path)
      .split('/')
      .filter((step) => step !== '');
  const mirrored = watchedDisk(disk, (_nth, operation, args, act) => {
    states.push(copyOf(tree, new Map()));
    const result = act();
    const [first, second] = args as [string, string];
    if (operation === 'open') {
      open.set(result as number, first);
      if (second === 'wx')
        folderOf(tree, stepsTo(first)).now.set(basename(first), {
          kind: 'file',
          now: Buffer.alloc(0),
          safe: Buffer.alloc(0),
        });
    }
    if (operation === 'write') {
      const file = nodeAt(tree, stepsTo(open.get(args[0] as number)!)) as File;
      file.now = Buffer.concat([file.now, (args[1] as Buffer).subarray(0, result as number)]);
    }
    if (operation === 'sync') {
      const node = nodeAt(tree, stepsTo(open.get(args[0] as number)!));
      if (node.kind === 'file') node.safe = node.now;
      else node.safe = new Map(node.now);
    }
    if (operation === 'makeDir')
      stepsTo(first).reduce((folder, step) => (folder.now.get(step) as Folder) ?? addFolder(folder, step), tree);
    if (operation === 'link' || operation === 'rename')
      folderOf(tree, stepsTo(second)).now.set(basename(second), nodeAt(tree, stepsTo(first)));
    if (operation === 'rename') folderOf(tree, stepsTo(first)).now.delete(basename(first));
    if (operation === 'remove') folderOf(tree, stepsTo(first)).now.delete(basename(first));
    return result;
  });
  return {
    disk: mirrored,
    operations: () => states.length,
    leaves: (n, dir, luck) => write(dir, n < states.length ? states[n]! : tree, luck),
  };
}

// ---------------------------------------------------------------------------

const nodeAt = (tree: Folder, steps: string[]): Node =>
  steps.reduce<Node>((node, step) => (node as Folder).now.get(step)!, tree);
const folderOf = (tree: Folder, steps: string[]): Folder => nodeAt(tree, steps.slice(0, -1)) as Folder;

function addFolder(parent: Folder, name: string): Folder {
  const folder: Folder = { kind: 'folder', now: new Map(), safe: new Map() };
  parent.now.set(name, folder);
  return folder;
}

function readTree(path: string, safe: boolean): Node {
  const now = new Map(
    readdirSync(path, { withFileTypes: true }).map((entry): [string, Node] => {
      const below = join(path, entry.name);
      const isSafe = safe && entry.name !== 'work';
      if (entry.isDirectory()) return [entry.name, readTree(below, isSafe)];
      const bytes = readFileSync(below);
      return [entry.name, { kind: 'file', now: bytes, safe: isSafe ? bytes : Buffer.alloc(0) }];
    }),
  );
  return { kind: 'folder', now, safe: safe ? new Map(now) : new Map() };
}

/** Keeps hard links: two names of one file are two names of one copy. */
function copyOf<N extends Node>(node: N, seen: Map<Node, Node>): N {
  const known = seen.get(node);
  if (known) return known as N;
  const copy = (node.kind === 'file' ? { ...node } : { kind: 'folder', now: new Map(), safe: new Map() }) as N;
  seen.set(node, copy);
  if (node.kind === 'folder') {
    for (const [name, inner] of node.now) (copy as Folder).now.set(name, copyOf(inner, seen));
    for (const [name, inner] of node.safe) (copy as Folder).safe.set(name, copyOf(inner, seen));
  }
  return copy;
}

function write(path: string, node: Node, luck: Luck): void {
  if (node.kind === 'file') {
    mkdirSync(dirname(path), { recursive: true });
    const left = node.now.equals(node.safe) ? 'new' : luck('content');
    writeFileSync(path, left === 'new' ? node.now : left === 'old' ? node.safe : Buffer.alloc(node.now.length));
    return;
  }
  mkdirSync(path, { recursive: true });
  for (const name of new Set([...node.now.keys(), ...node.safe.keys()])) {
    const [now, safe] = [node.now.get(name), node.safe.get(name)];
    const left = now === safe || luck('name') === 'new' ? now : safe;
    if (left) write(join(path, name), left, luck);
  }
}
