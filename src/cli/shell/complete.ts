import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { isObject, valueAt } from '../../pipeline/yaml/tree.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { artifactsOf, findPastRun, listPastRuns } from '../../history/past-runs.ts';
import { tokenize } from '../arguments.ts';
import type { Token } from '../arguments.ts';
import { publicVerbs } from '../help.ts';
import { openProject } from '../project/settings.ts';
import { runsDirectoryOrNull } from '../runs-directory.ts';
import { flagName } from '../verb.ts';
import type { Completes, Flag, Verb, VerbContext } from '../verb.ts';

/**
 * `runner complete WORD…`: prints candidates for the last word, one per line; if there are none, the shell completes
 * it.
 */
export async function printCandidates(
  { words }: { words: string[] },
  { verbs }: Pick<VerbContext, 'verbs'>,
): Promise<number> {
  await openProject().catch(() => {}); // then no runs of it are offered
  const found = candidates(verbs, words);
  if (found.length > 0) console.log(found.join('\n'));
  return 0;
}

/** Candidates for the last word, sorted; empty if the shell should complete it. */
export function candidates(verbs: Verb[], words: string[]): string[] {
  const word = words.at(-1) ?? '';
  const [name, ...before] = words.slice(0, -1);
  const offered = name === undefined ? verbNames(verbs) : wordsOf(verbs, { name, before, word });
  return [...new Set(offered)].filter((candidate) => candidate.startsWith(word)).sort();
}

// ---------------------------------------------------------------------------

interface Typed {
  name: string;
  /** the words between the verb and the last one */
  before: string[];
  word: string;
}

function wordsOf(verbs: Verb[], { name, before, word }: Typed): readonly string[] {
  const verb = verbs.find((candidate) => candidate.name === name);
  if (!verb) return [];
  const tokens = tokenize(verb, before);
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const open = openFlag(verb, tokens);
  if (open) return offers(verbs, open.completes ?? [], { positionals, word });
  if (word.startsWith('-') && !verb.verbatim) return Object.keys(verb.flags).map((key) => `--${flagName(key)}`);
  const declared = Object.values(verb.positionals);
  const next = declared[positionals.length] ?? declared.findLast(({ count }) => count === 'any');
  return next ? offers(verbs, next.completes, { positionals, word }) : [];
}

/** The flag whose value is the next word. */
function openFlag({ flags }: Verb, tokens: Token[]): Flag<unknown> | null {
  const last = tokens.at(-1);
  if (last?.kind !== 'option' || last.value !== undefined) return null;
  const found = Object.entries(flags).find(([key]) => flagName(key) === last.name)?.[1];
  return found && 'form' in found ? found : null;
}

const verbNames = (verbs: Verb[]): string[] => publicVerbs(verbs).map(({ name }) => name);

function offers(
  verbs: Verb[],
  completes: Completes,
  { positionals, word }: { positionals: string[]; word: string },
): readonly string[] {
  switch (completes) {
    case 'pipeline':
      return yamlFiles(word);
    case 'stage':
      return Object.keys(stagesIn(positionals[0]));
    case 'set-path':
      return setPaths(positionals[0], word);
    case 'run':
      return runNames();
    case 'stage-of-run':
      return stagesOfRun(positionals[0] ?? 'latest');
    case 'stage-result':
      return word.includes('/') && !existsSync(dirname(word))
        ? stagesOfRun(dirname(word)).map((stage) => `${dirname(word)}/${stage}`)
        : runNames().map((run) => `${run}/`);
    case 'verb':
      return verbNames(verbs);
    case 'file':
      return [];
    default:
      return completes;
  }
}

/** YAML files and folders beside the word; for an empty word also those in `pipelines/`. */
function yamlFiles(word: string): string[] {
  const dir = word.includes('/') ? word.slice(0, word.lastIndexOf('/') + 1) : '';
  const near = directoryNames(dir || '.').flatMap((name) => {
    const path = dir + name;
    if (/\.ya?ml$/.test(name)) return [path];
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() && !name.startsWith('.') ? [`${path}/`] : [];
  });
  return word === ''
    ? [
        ...directoryNames('pipelines')
          .filter((name) => /\.ya?ml$/.test(name))
          .map((name) => `pipelines/${name}`),
        ...near.filter((path) => path.endsWith('ml')),
      ]
    : near;
}

function runNames(): string[] {
  const runsDir = runsDirectoryOrNull();
  return runsDir === null ? [] : ['latest', ...listPastRuns(runsDir).map(({ name }) => name)];
}

function stagesOfRun(named: string): string[] {
  const runsDir = runsDirectoryOrNull();
  const past = runsDir === null ? [] : findPastRun(runsDir, named);
  return Array.isArray(past)
    ? []
    : [...new Set([...(past.record?.planned ?? []).map(({ name }) => name), ...artifactsOf(past).keys()])];
}

/** Null if the file cannot be read. */
function readYaml(file: string | undefined): Json {
  try {
    return parse(readFileSync(file ?? '', 'utf8')) as Json;
  } catch {
    return null;
  }
}

function stagesIn(file: string | undefined): { [key: string]: Json } {
  const stages = valueAt(readYaml(file), ['stages']);
  return isObject(stages) ? stages : {};
}

/** Candidates for the next step of a dotted path: the keys that the file has there. */
function setPaths(file: string | undefined, word: string): string[] {
  const path = word.split('.').slice(0, -1);
  const value = path.length ? valueAt(readYaml(file), path) : readYaml(file);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, inner]) => [...path, key].join('.') + (isObject(inner) ? '.' : '='));
}

function directoryNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
