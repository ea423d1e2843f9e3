import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../files/read-file.ts';
import { replaceFileDurably } from '../files/replace-file.ts';

/** Folder name of a run ↔ the name that people read and type. */
export interface RunNames {
  /** `20261130-081801-comedy-9863` → `comedy-9863`, with more of its front where two runs would share it. */
  of(run: string): string;
  /** The folders of the runs that a word may mean: the one with this name, else all with this part. */
  matching(word: string): string[];
}

/** The folders that may be those of runs; none if `runsDir` cannot be read. */
export function listRunFolders(runsDir: string): string[] {
  try {
    return readdirSync(runsDir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** The names of the runs in a folder. A folder that cannot be read has none. */
export const runNames = (runsDir: string): RunNames => namesOf(listRunFolders(runsDir), givenNames(runsDir));

/** `given`: the names that `rename` has given. */
export function namesOf(runs: string[], given: Record<string, string> = {}): RunNames {
  const names = uniqueNames(runs, given);
  const called = new Map([...names].map(([run, name]) => [name, run]));
  const all = [...names];
  return {
    of: (run) => names.get(run) ?? formsOf(run)[0]!,
    matching(word) {
      if (names.has(word)) return [word];
      const named = called.get(word);
      if (named !== undefined) return [named];
      // a name that a narrow table has cut in the middle
      const [start = '', end] = word.split('…');
      const isMeant = (run: string, name: string): boolean =>
        end === undefined ? run.includes(word) || name.includes(word) : name.startsWith(start) && name.endsWith(end);
      return all.flatMap(([run, name]) => (isMeant(run, name) ? [run] : []));
    },
  };
}

/** Folder → the name that `rename` gave the run, in `runs/names.json`. */
export function givenNames(runsDir: string): Record<string, string> {
  const names = readJson<Record<string, unknown>>(join(runsDir, NAMES_FILE)) ?? {};
  return Object.fromEntries(
    Object.entries(names).flatMap(([run, name]) => (typeof name === 'string' ? [[run, name]] : [])),
  );
}

export function writeGivenNames(runsDir: string, names: Record<string, string>): void {
  replaceFileDurably(join(runsDir, NAMES_FILE), `${JSON.stringify(names, null, 2)}\n`);
}

// ---------------------------------------------------------------------------

const NAMES_FILE = 'names.json';

/** The forms of a name, shortest first; the last is the folder's own name, which no other run has. */
function formsOf(run: string): string[] {
  const [, time, name] = /^\d{8}-(\d{6})-(.+)$/.exec(run) ?? [];
  const short = name?.replace(/^-+/, '');
  return short ? [short, `${time}-${name}`, run] : [run];
}

/** Runs that share a form all take the next longer one, until no two are the same. A given name stays. */
function uniqueNames(runs: string[], given: Record<string, string>): Map<string, string> {
  const names = new Map(runs.map((run) => [run, given[run] ?? formsOf(run)[0]!]));
  const owner = new Map(Object.entries(given).map(([run, name]) => [name, run]));
  for (let isDone = false; !isDone;) {
    const shared = sharedNames(names);
    isDone = true; // unless a name changes: a person may give a run the name of a folder
    for (const [run, name] of names) {
      const longer = shared.has(name) && owner.get(name) !== run ? longerForm(run, name) : name;
      if (longer === name) continue;
      names.set(run, longer);
      isDone = false;
    }
  }
  return names;
}

function sharedNames(names: Map<string, string>): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of names.values()) (seen.has(name) ? shared : seen).add(name);
  return shared;
}

function longerForm(run: string, name: string): string {
  const forms = formsOf(run);
  return forms[forms.indexOf(name) + 1] ?? run;
}
