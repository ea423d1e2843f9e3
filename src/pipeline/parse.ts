import { PipelineFileError } from './diagnostic/diagnostic.ts';
import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { diagnose, locate, told } from './schema/diagnose.ts';
import type { Located } from './schema/diagnose.ts';
import type { Kinds } from './stage-kind.ts';
import type { Pipeline } from './pipeline.ts';
import { readPipeline } from './read-pipeline.ts';
import type { ReadStages } from './read-pipeline.ts';
import type { Finding } from './schema/check.ts';
import { applySets } from './sets.ts';
import { expandSweep } from './sweep/sweep.ts';
import type { Sweep, SweptPoint } from './sweep/sweep.ts';
import { halvingFaults } from './sweep/halving.ts';
import { withSweptValues } from './sweep/swept-values.ts';
import { pullInUsed } from './use.ts';
import type { ReadUsed } from './use.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { isObject } from './yaml/tree.ts';
import type { Json, Path } from './yaml/tree.ts';

export interface PipelineText {
  /** as the user named it, for messages */
  file: string;
  text: string;
  /** `path=value` arguments; the value is YAML */
  sets: string[];
  kinds: Kinds;
  readUsed: ReadUsed;
}

export interface ParsedPipeline {
  /** one, or as many as the sweep has points */
  points: Pipeline[];
  swept: boolean;
  /** what the sweep says besides its points */
  sweep: Pick<Sweep, 'objective' | 'halving'>;
  /** Where a dotted path stands in the file: for diagnostics that only the disk can tell of (a missing source). */
  diagnosticAt(path: Path, message: string, hint?: string): Diagnostic;
  texts: Map<string, string>;
}

/** Text to pipelines, or one error that holds every diagnostic. */
export function parsePipeline(input: PipelineText): ParsedPipeline {
  const texts = new Map([[input.file, input.text]]);
  const parsed = parseTree(input.file, input.text);
  if (parsed.diagnostics.length) throw new PipelineFileError(parsed.diagnostics, texts);
  if (!isObject(parsed.tree.value)) throw new PipelineFileError([empty(input.file)], texts);
  const diagnostics: Diagnostic[] = [];

  const tree = applySets(pullInUsed(parsed.tree, input.readUsed, texts, diagnostics), input.sets, texts, diagnostics);
  // What is not there cannot be checked: its absence would be told a second time as missing keys.
  if (diagnostics.length) throw new PipelineFileError(inFileOrder(diagnostics), texts);
  const { sweep, ...rest } = tree.value as { [key: string]: Json };
  const at = (path: Path, message: string, hint?: string) => diagnose(tree, { path, of: 'value', message, hint });
  const swept = sweep !== undefined;
  const expanded = swept ? expandSweep(sweep, rest, (finding) => diagnostics.push(diagnose(tree, finding))) : null;

  // A mistake that every point shares is told once; one that a swept value makes is told where that value stands.
  const found = new Map<string, Alike>();
  const known: ReadStages = new WeakMap();
  const pipelines = (expanded?.points ?? [null]).flatMap((point) => {
    const pointTree = point ? withSweptValues(tree, rest, point) : { value: rest, places: tree.places };
    const findings: Finding[] = [];
    const pipeline = readPipeline(pointTree.value, input.kinds, point && withoutPlaces(point), findings, known);
    noteFaults(
      findings.map((finding) => locate(pointTree, finding)),
      found,
    );
    return pipeline ? [pipeline] : [];
  });
  if (expanded?.halving && pipelines.length)
    diagnostics.push(
      ...halvingFaults(expanded.halving, pipelines, input.kinds).map((finding) => diagnose(tree, finding)),
    );
  if (diagnostics.length || found.size)
    throw new PipelineFileError(withHints([...diagnostics, ...[...found.values()].map(ofPoints)]), texts);
  return { points: pipelines, swept, sweep: expanded ?? { objective: null, halving: null }, diagnosticAt: at, texts };
}

// ---------------------------------------------------------------------------

/** A fault, and how many more points have it there with other numbers in its words. */
interface Alike {
  located: Located;
  others: number;
}

function noteFaults(faults: Located[], found: Map<string, Alike>): void {
  const times = new Map<string, number>();
  for (const located of faults) {
    const words = `${located.file}:${located.line}:${located.column}:${located.message.replace(/\d[\d.e+-]*/g, '#')}`;
    const nth = (times.get(words) ?? 0) + 1;
    times.set(words, nth);
    const before = found.get(`${nth} ${words}`);
    if (!before) found.set(`${nth} ${words}`, { located, others: 0 });
    else if (before.located.message !== located.message) before.others++;
  }
}

const ofPoints = ({ located, others }: Alike): Located =>
  others === 0
    ? located
    : {
        ...located,
        message: `${located.message}; ${others === 1 ? 'another point has' : `${others.toLocaleString('en-US')} more points have`} the same fault`,
      };

/** Hints are looked for only where somebody may read them. */
const HINTS_LOOKED_FOR = 200;

function withHints(located: Located[]): Diagnostic[] {
  return inFileOrder(located).map((each, index) =>
    told(index < HINTS_LOOKED_FOR || typeof each.hint === 'string' ? each : { ...each, hint: undefined }),
  );
}

function empty(file: string): Diagnostic {
  return {
    file,
    line: 1,
    column: 1,
    length: 1,
    message: 'not a pipeline: the file holds no mapping',
    hint: 'it needs at least `name:` and `stages:`',
  };
}

const withoutPlaces = ({ places: _, ...point }: SweptPoint) => point;

function inFileOrder<D extends { file: string; line: number; column: number }>(diagnostics: D[]): D[] {
  return [...diagnostics].sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}
