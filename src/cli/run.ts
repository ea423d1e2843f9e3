import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { PipelineFileError } from '../pipeline/diagnostic.ts';
import type { StageResult } from '../pipeline/events.ts';
import { flatParams } from '../pipeline/flat-params.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { planPipeline } from '../pipeline/plan.ts';
import { executePipeline } from '../run/execute.ts';
import { tellAll } from '../run/listeners.ts';
import { makeRunFolder, recordListener } from '../run/record.ts';
import type { RunFolder } from '../run/record.ts';
import { readArguments } from './arguments.ts';
import { seconds } from './durations.ts';
import { prepareEngine } from './prepare-engine.ts';
import { watchInterrupts } from './interrupts.ts';
import { loadPipeline } from './load-pipeline.ts';
import type { LoadedFile, LoadedPoint } from './load-pipeline.ts';
import { coloursFor } from './style.ts';
import type { Colours } from './style.ts';
import { sweepTable } from './sweep-table.ts';
import { openTerminal } from './terminal.ts';
import { openTracker, trackRun, trackerLines } from './tracker.ts';
import type { Tracker } from './tracker.ts';

interface RunSummary {
  run: string;
  dir: string;
  ok: boolean;
  stages: StageResult[];
}

/** `runner run FILE`: plan, run what is due, and say where the results lie. */
export async function runVerb(argv: string[]): Promise<number> {
  const { positionals, sets, json } = readArguments('run', argv, ['set', 'json'], [1, 1]);
  const file = positionals[0] as string;
  const stream = json ? process.stderr : process.stdout;
  const colours = coloursFor(stream);
  const loaded = await loadPipeline(file, sets);
  if (loaded.missingSources.length) throw new PipelineFileError(loaded.missingSources, loaded.parsed.texts);

  const terminal = openTerminal(stream, colours);
  const interrupts = watchInterrupts(terminal.say);
  const began = performance.now();
  const tracker = openTracker(loaded, terminal.say);
  try {
    if (loaded.points.some(needsEngine)) await prepareEngine(terminal.say);
    const sweepId = loaded.parsed.swept ? `${loaded.points[0]?.pipeline.name ?? 'sweep'}-${randomBytes(3).toString('hex')}` : null;
    const runs: RunSummary[] = [];
    for (const point of loaded.points) {
      if (interrupts.stop.aborted) break;
      runs.push(await runPoint(point, { loaded, sweepId, tracker, terminal, interrupts }));
    }
    terminal.close();
    const ok = runs.length === loaded.points.length && runs.every((run) => run.ok);
    const titles = loaded.points.flatMap(({ pipeline }) => (pipeline.point ? [pipeline.point.title] : []));
    for (const line of [...closing(runs, { titles, took: (performance.now() - began) / 1000, ok, file: [file, ...sets.map((set) => `--set ${set}`)].join(' '), colours }), ...trackerLines(tracker, loaded.parsed.swept)]) stream.write(`${line}\n`);
    if (json) console.log(JSON.stringify(loaded.parsed.swept ? { sweep: sweepId, ok, runs } : runs[0]));
    if (interrupts.stop.aborted && !ok) return 130;
    return ok ? 0 : 1;
  } finally {
    tracker.close();
    terminal.close();
    interrupts.close();
  }
}

// ---------------------------------------------------------------------------

interface PointContext {
  loaded: LoadedFile;
  sweepId: string | null;
  tracker: Tracker;
  terminal: ReturnType<typeof openTerminal>;
  interrupts: ReturnType<typeof watchInterrupts>;
}

async function runPoint({ pipeline, facts, sourcePaths }: LoadedPoint, { loaded, sweepId, tracker, terminal, interrupts }: PointContext): Promise<RunSummary> {
  const folder = makeRunFolder(loaded.runsDir, pipeline.name, resolvedYaml(pipeline));
  const tracked = trackRun(tracker, folder.dir);
  const listen = tellAll({ 'the run record': recordListener(), 'the journal': tracked.listen, 'the terminal': terminal.listen }, terminal.say);
  listen(startedEvent(folder, pipeline, sweepId));
  const stages = await executePipeline({ pipeline, facts, sourcePaths, store: loaded.store, cliPath: process.argv[1] as string, listen, stop: interrupts.stop, kill: interrupts.kill, saves: interrupts.saves });
  const ok = stages.every(({ outcome }) => outcome === 'cached' || outcome === 'ran' || outcome === 'resumed');
  listen({ kind: 'run-finished', ok, stopped: interrupts.stop.aborted, time: Date.now() });
  await tracked.close();
  return { run: folder.run, dir: folder.dir, ok, stages };
}

function startedEvent({ run, runUid, dir }: RunFolder, pipeline: Pipeline, sweepId: string | null) {
  const { point } = pipeline;
  const sweep = point && sweepId ? { id: sweepId, index: point.index, paths: Object.keys(point.values), values: point.values } : null;
  const stages = pipeline.stages.map(({ name, kind }) => ({ name, kind }));
  return { kind: 'run-started' as const, run, runUid, dir, pipeline: pipeline.name, experiment: pipeline.experiment, title: point?.title ?? `${pipeline.name}-${run.slice(-4)}`, stages, params: flatParams(pipeline), sweep, time: Date.now() };
}

function needsEngine({ pipeline, facts }: LoadedPoint): boolean {
  return planPipeline(pipeline, facts).some(({ stage, verdict }) => verdict !== 'cached' && stage.params['engine'] === 'tensorflow');
}

/** The pipeline as it ran: every default written out, `use:` and `--set` applied. It runs again as it stands. */
function resolvedYaml({ name, experiment, stages }: Pipeline): string {
  const written = Object.fromEntries(stages.map(({ name: stage, ...rest }) => [stage, rest]));
  return stringify({ name, experiment, stages: written });
}

interface Closing {
  /** of the sweep's points; none if there is no sweep */
  titles: string[];
  took: number;
  ok: boolean;
  file: string;
  colours: Colours;
}

function closing(runs: RunSummary[], { titles, took, ok, file, colours }: Closing): string[] {
  const last = runs.at(-1);
  if (!last) return [];
  const stages = runs.flatMap((run) => run.stages);
  const counts = ['ran', 'resumed', 'cached', 'failed', 'stopped', 'skipped'].flatMap((outcome) => {
    const count = stages.filter((stage) => stage.outcome === outcome).length;
    return count ? [`${count} ${outcome}`] : [];
  });
  const head = `${ok ? colours.green('done') : colours.red('not done')} in ${seconds(took)} · ${counts.join(', ')}`;
  const table = titles.length ? sweepTable(runs.map((run, index) => ({ ...run, title: titles[index] ?? run.run }))) : [];
  if (!ok) return ['', head, ...table, `go on with: ./runner run ${file}`];
  return ['', head, ...(table.length ? table : sampleLines(last, colours)), `results: ${shown(last.dir)}/stages/`];
}

/** The first samples, as they came: what one wants to see first. */
function sampleLines(run: RunSummary, colours: Colours): string[] {
  const stage = run.stages.find(({ kind, outcome }) => kind === 'sample' && (outcome === 'ran' || outcome === 'resumed'));
  const path = stage ? join(run.dir, 'stages', stage.name, 'samples.jsonl') : '';
  if (!stage || !existsSync(path)) return [];
  const samples = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { prompt: string; text: string });
  const first = samples.slice(0, 3).map(({ prompt, text }) => `${prompt}${text}`.trim().split('\n').slice(0, 5).map((line) => `  ${line}`).join('\n'));
  const head = `the first ${first.length} of ${samples.length} samples, as they came (all: ${shown(run.dir)}/stages/${stage.name}/samples.md):`;
  return [colours.dim(head), first.join(`\n  ${colours.dim('···')}\n`)];
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
