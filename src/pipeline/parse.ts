import { PipelineFileError } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnose } from './diagnose.ts';
import type { Kinds } from './kind.ts';
import type { Pipeline, SweepPoint } from './pipeline.ts';
import { readPipeline } from './read-pipeline.ts';
import type { Finding } from './schema-check.ts';
import { applySets } from './sets.ts';
import { sweepPoints } from './sweep.ts';
import { pullInUsed } from './use.ts';
import type { ReadUsed } from './use.ts';
import { isObject, parseTree, placeOf, withValue } from './yaml-tree.ts';
import type { Json, Path, Tree } from './yaml-tree.ts';

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
  const points = swept ? sweepPoints(sweep, rest, (finding) => diagnostics.push(diagnose(tree, finding))) : [null];

  // A mistake that every point shares is told once; one that a swept value makes is told where that value stands.
  const told = new Set<string>();
  const pipelines = points.flatMap((point) => {
    const pointTree = point ? withSweptValues({ value: rest, places: tree.places }, point) : { value: rest, places: tree.places };
    const findings: Finding[] = [];
    const pipeline = readPipeline(pointTree.value, input.kinds, point, findings);
    for (const finding of findings) {
      const diagnostic = diagnose(pointTree, finding);
      const text = JSON.stringify(diagnostic);
      if (!told.has(text)) diagnostics.push(diagnostic);
      told.add(text);
    }
    return pipeline ? [pipeline] : [];
  });
  if (diagnostics.length) throw new PipelineFileError(inFileOrder(diagnostics), texts);
  return { points: pipelines, swept, diagnosticAt: at, texts };
}

// ---------------------------------------------------------------------------

function empty(file: string): Diagnostic {
  return { file, line: 1, column: 1, length: 1, message: 'not a pipeline: the file holds no mapping', hint: 'it needs at least `name:` and `stages:`' };
}

function withSweptValues(tree: Tree, point: SweepPoint): Tree {
  let result = tree;
  for (const [path, value] of Object.entries(point.values)) {
    const place = placeOf(tree, ['sweep', path]);
    const places = new Map(place ? [['', place]] : []);
    result = withValue(result, path.split('.'), { value, places }) ?? result;
  }
  return result;
}

function inFileOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
