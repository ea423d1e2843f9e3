import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { EXPORT_LAYOUTS } from '../../artifacts/tokens/export-layout.ts';
import { isObject, valueAt } from '../../pipeline/yaml/tree.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { artifactsOf, findPastRun, listPastRuns } from '../../history/past-runs.ts';
import { flagsOf, verbNames } from '../help.ts';
import { runsDirectory } from '../runs-directory.ts';

type Slot = 'file' | 'stage' | 'run' | 'run-stage' | 'lineage' | 'folder' | 'shell' | 'verb';

/** What stands at each place of a verb; the last one repeats where the verb takes any number. */
const slots: Record<string, Slot[]> = {
  run: ['file', 'stage'],
  plan: ['file', 'stage'],
  explain: ['file', 'stage'],
  graph: ['file'],
  show: ['run'],
  logs: ['run', 'run-stage'],
  attach: ['run'],
  stop: ['run'],
  diff: ['run'],
  compare: ['run'],
  lineage: ['lineage'],
  export: ['run', 'run-stage', 'folder'],
  completion: ['shell'],
  help: ['verb'],
};

/** What could stand in place of the last word; none where only the shell knows (files of any kind). */
export async function candidates(words: string[]): Promise<string[]> {
  const word = words.at(-1) ?? '';
  const [verb, ...before] = words.slice(0, -1);
  if (verb === undefined) return beginning(verbNames(), word);
  const positionals = before.filter((each, at) => !each.startsWith('-') && !takesValue(before[at - 1]));
  const previous = before.at(-1);
  if (previous === '--set') return beginning(setPaths(positionals[0], word), word);
  if (previous === '--as') return beginning([...EXPORT_LAYOUTS], word);
  if (takesValue(previous)) return [];
  if (word.startsWith('-')) return beginning(flagsOf(verb), word);
  const places = slots[verb] ?? [];
  const slot = places[Math.min(positionals.length, places.length - 1)];
  return slot ? beginning(standing(slot, positionals, word), word) : [];
}

// ---------------------------------------------------------------------------

const takesValue = (flag: string | undefined): boolean =>
  flag !== undefined &&
  ['--set', '--html', '--metric', '--as', '--port', '--jobs', '-j', '--on-failure'].includes(flag);

const beginning = (known: string[], word: string): string[] =>
  [...new Set(known)].filter((each) => each.startsWith(word)).sort();

function standing(slot: Slot, positionals: string[], word: string): string[] {
  switch (slot) {
    case 'file':
      return yamlFiles(word);
    case 'stage':
      return Object.keys(stagesIn(positionals[0]));
    case 'run':
      return runNames();
    case 'run-stage':
      return stagesOfRun(positionals[0] ?? 'latest');
    case 'lineage':
      return word.includes('/') && !existsSync(dirname(word))
        ? stagesOfRun(dirname(word)).map((stage) => `${dirname(word)}/${stage}`)
        : runNames().map((run) => `${run}/`);
    case 'folder':
      return []; // the shell knows them
    case 'shell':
      return ['bash', 'zsh', 'fish'];
    case 'verb':
      return verbNames();
  }
}

/** YAML files and folders beside what was typed so far; `pipelines/` first where nothing was. */
function yamlFiles(word: string): string[] {
  const dir = word.includes('/') ? word.slice(0, word.lastIndexOf('/') + 1) : '';
  const near = namesIn(dir || '.').flatMap((name) => {
    const path = dir + name;
    if (/\.ya?ml$/.test(name)) return [path];
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() && !name.startsWith('.') ? [`${path}/`] : [];
  });
  return word === ''
    ? [
        ...namesIn('pipelines')
          .filter((name) => /\.ya?ml$/.test(name))
          .map((name) => `pipelines/${name}`),
        ...near.filter((path) => path.endsWith('ml')),
      ]
    : near;
}

function runNames(): string[] {
  return ['latest', ...listPastRuns(runsDirectory()).map(({ run }) => run)];
}

function stagesOfRun(named: string): string[] {
  const past = findPastRun(runsDirectory(), named);
  return Array.isArray(past)
    ? []
    : [...new Set([...(past.record?.planned ?? []).map(({ name }) => name), ...artifactsOf(past).keys()])];
}

/** A mistake in the file is not told here. */
function read(file: string | undefined): Json {
  try {
    return parse(readFileSync(file ?? '', 'utf8')) as Json;
  } catch {
    return null;
  }
}

function stagesIn(file: string | undefined): { [key: string]: Json } {
  const stages = valueAt(read(file), ['stages']);
  return isObject(stages) ? stages : {};
}

/** The next step of a dotted path: what the file writes out there. */
function setPaths(file: string | undefined, word: string): string[] {
  const path = word.split('.').slice(0, -1);
  const at = path.length ? valueAt(read(file), path) : read(file);
  if (!isObject(at)) return [];
  return Object.entries(at).map(([key, value]) => [...path, key].join('.') + (isObject(value) ? '.' : '='));
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
