import { PipelineFileError } from './diagnostic/diagnostic.ts';
import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { diagnose, locate, resolveHint } from './schema/diagnose.ts';
import type { LocatedProblem } from './schema/diagnose.ts';
import type { Kinds } from './stage-kind.ts';
import type { Pipeline } from './pipeline.ts';
import { readPipeline } from './read-pipeline.ts';
import type { ReadStages } from './read-pipeline.ts';
import type { Problem } from './schema/check.ts';
import { applySets } from './sets.ts';
import { expandSweep } from './sweep/sweep.ts';
import type { Sweep, SweptPoint } from './sweep/sweep.ts';
import { halvingFaults } from './sweep/halving.ts';
import { withSweptValues } from './sweep/swept-values.ts';
import { pullsInUsed } from './use.ts';
import type { ReadUsed } from './use.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { isObject, valueAt } from './yaml/tree.ts';
import type { Json, Path } from './yaml/tree.ts';
import { withCommas } from '../numbers/counted.ts';

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
  /** one pipeline, or one for each point of the sweep */
  points: Pipeline[];
  swept: boolean;
  /** the settings of the sweep */
  sweep: Pick<Sweep, 'objective' | 'halving'>;
  /** A diagnostic at a path of the file, for problems that can only be found on the disk, e.g. a missing source. */
  diagnosticAt(path: Path, message: string, hint?: string): Diagnostic;
  texts: Map<string, string>;
}

/** Parses a text to pipelines. Throws one `PipelineFileError` with every diagnostic. */
export function parsePipeline(input: PipelineText): ParsedPipeline {
  const texts = new Map([[input.file, input.text]]);
  const parsed = parseTree(input.file, input.text);
  if (parsed.diagnostics.length) throw new PipelineFileError(parsed.diagnostics, texts);
  if (!isObject(parsed.tree.value)) throw new PipelineFileError([noMapping(input.file)], texts);
  const diagnostics: Diagnostic[] = [];

  const pullIn = pullsInUsed(input.readUsed, texts, diagnostics);
  const file = applySets(parsed.tree, input.sets, { pullIn, kinds: input.kinds }, texts, diagnostics);
  const tree = file.full;
  // if part of the file is missing, checking the rest would only report missing keys again
  if (diagnostics.length) throw new PipelineFileError(inFileOrder(diagnostics), texts);
  const { sweep, ...rest } = tree.value as { [key: string]: Json };
  const diagnosticAt = (path: Path, message: string, hint?: string) =>
    diagnose(tree, { path, target: 'value', message, hint });
  const swept = sweep !== undefined;
  const writtenSweep = valueAt(file.written.value, ['sweep']) ?? null;
  const report = (problem: Problem) => diagnostics.push(diagnose(tree, problem));
  const expanded = swept ? expandSweep({ sweep, written: writtenSweep }, rest, report) : null;

  // points often share a problem, which is reported only once, at the swept value if that is the cause
  const found = new Map<string, SharedProblem>();
  const known: ReadStages = new WeakMap();
  const pipelines = (expanded?.points ?? [null]).flatMap((point) => {
    const pointTree = point ? withSweptValues(file, rest, point, pullIn) : { value: rest, locations: tree.locations };
    const problems: Problem[] = [];
    const pipeline = readPipeline(pointTree.value, input.kinds, point && withoutValuePaths(point), problems, known);
    noteProblems(
      problems.map((problem) => locate(pointTree, problem)),
      found,
    );
    return pipeline ? [pipeline] : [];
  });
  if (diagnostics.length > 0) throw new PipelineFileError(inFileOrder(diagnostics), texts);
  if (expanded?.halving && pipelines.length)
    diagnostics.push(
      ...halvingFaults(expanded.halving, pipelines, input.kinds).map((problem) => diagnose(tree, problem)),
    );
  if (diagnostics.length || found.size)
    throw new PipelineFileError(withHints([...diagnostics, ...[...found.values()].map(withOthers)]), texts);
  return { points: pipelines, swept, sweep: expanded ?? { objective: null, halving: null }, diagnosticAt, texts };
}

// ---------------------------------------------------------------------------

/** A problem, and how many more points have the same one, with other numbers in the message. */
interface SharedProblem {
  located: LocatedProblem;
  others: number;
}

function noteProblems(problems: LocatedProblem[], found: Map<string, SharedProblem>): void {
  const counts = new Map<string, number>();
  for (const located of problems) {
    const signature = `${located.file}:${located.line}:${located.column}:${located.message.replace(/\d[\d.e+-]*/g, '#')}`;
    const nth = (counts.get(signature) ?? 0) + 1;
    counts.set(signature, nth);
    const id = `${nth} ${signature}`;
    const known = found.get(id);
    if (!known) found.set(id, { located, others: 0 });
    else if (known.located.message !== located.message) known.others++;
  }
}

const withOthers = ({ located, others }: SharedProblem): LocatedProblem =>
  others === 0
    ? located
    : {
        ...located,
        message: `${located.message}; ${others === 1 ? 'another point has' : `${withCommas(others)} more points have`} the same problem`,
      };

/** Hints are slow to compute, and nobody reads more diagnostics than this. */
const HINTS_RESOLVED = 200;

function withHints(located: LocatedProblem[]): Diagnostic[] {
  return inFileOrder(located).map((problem, index) =>
    resolveHint(index < HINTS_RESOLVED || typeof problem.hint === 'string' ? problem : { ...problem, hint: undefined }),
  );
}

function noMapping(file: string): Diagnostic {
  return {
    file,
    line: 1,
    column: 1,
    length: 1,
    message: 'not a pipeline: the file contains no mapping',
    hint: /\.ya?ml$/.test(file)
      ? 'it needs at least `name:` and `stages:`'
      : 'data are named in a pipeline, a YAML file, as the `source` of an ingest stage',
  };
}

const withoutValuePaths = ({ valuePaths: _, ...point }: SweptPoint) => point;

function inFileOrder<D extends { file: string; line: number; column: number }>(diagnostics: D[]): D[] {
  return [...diagnostics].sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}
