import { readdirSync } from 'node:fs';

/** Folder name of a run ↔ the name that people read and type. */
export interface RunNames {
  /** `20261130-081801-comedy-9863` → `comedy-9863`, with more of its front where two runs would share it. */
  of(run: string): string;
  /** The folders of the runs that a word may mean: the one with this name, else all with this part. */
  matching(word: string): string[];
}

/** The names of the runs in a folder. A folder that cannot be read has none. */
export const runNames = (runsDir: string): RunNames => namesOf(foldersIn(runsDir));

export function namesOf(runs: string[]): RunNames {
  const names = uniqueNames(runs);
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
        end === undefined ? run.includes(word) : name.startsWith(start) && name.endsWith(end);
      return all.flatMap(([run, name]) => (isMeant(run, name) ? [run] : []));
    },
  };
}

// ---------------------------------------------------------------------------

/** The forms of a name, shortest first; the last is the folder's own name, which no other run has. */
function formsOf(run: string): string[] {
  const [, time, name] = /^\d{8}-(\d{6})-(.+)$/.exec(run) ?? [];
  const short = name?.replace(/^-+/, '');
  return short ? [short, `${time}-${name}`, run] : [run];
}

/** Runs that share a form all take the next longer one, until no two are the same. */
function uniqueNames(runs: string[]): Map<string, string> {
  const names = new Map(runs.map((run) => [run, formsOf(run)[0]!]));
  for (let shared = sharedNames(names); shared.size > 0; shared = sharedNames(names))
    for (const [run, name] of names) if (shared.has(name)) names.set(run, longerForm(run, name));
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

function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}
