import { calledAs } from '../../files/called-as.ts';
import { randomBytes } from 'node:crypto';
import { counted } from '../../numbers/counted.ts';
import { PipelineFileError } from '../../pipeline/diagnostic/diagnostic.ts';
import type { Diagnostic } from '../../pipeline/diagnostic/diagnostic.ts';
import type { Listener } from '../../pipeline/events.ts';
import type { Capacity } from '../../pipeline/needs.ts';
import { isPossible } from '../../pipeline/needs.ts';
import { planPipeline } from '../../pipeline/plan/plan.ts';
import { machineCapacity } from '../../run/machine.ts';
import { openSlots } from '../../run/open-slots.ts';
import type { Session } from '../../run/session.ts';
import type { OnFailure } from '../../run/session.ts';
import type { VerbContext } from '../verb.ts';
import { closingBox } from './closing.ts';
import { runDetached, reportFirstRun } from './detach.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { watchInterrupts } from './interrupts.ts';
import { loadPipeline } from '../load/load-pipeline.ts';
import { givenPipeline } from '../project/given-pipeline.ts';
import type { LoadedFile, LoadedPoint } from '../load/load-pipeline.ts';
import { runPoint } from './run-point.ts';
import type { PointOptions, RunSummary } from './run-point.ts';
import { runPoints } from './run-points.ts';
import { onlyStages } from '../load/only-stages.ts';
import { sweepShared } from '../../store/sweep-aside.ts';
import { checkBudget } from './store-budget.ts';
import { argumentsText, shellWord } from '../../files/shell-word.ts';
import { coloursFor } from '../screen/style.ts';
import { runHalving } from './sweep-halving.ts';
import { sweepTable } from './sweep-table.ts';
import { widthOf } from '../screen/text-table.ts';
import { openTerminal } from '../screen/terminal.ts';
import { openedProject } from '../project/settings.ts';
import { notify } from './notify.ts';
import { openTracker, trackerLines } from './tracker.ts';
import { jsonText } from '../screen/printable.ts';

export interface RunArguments {
  /** null: that of the project */
  file: string | null;
  stages: string[];
  /** `path=value` */
  set: string[];
  json: boolean;
  /** How many stages may run at once; null: as many as the machine has room for. */
  jobs: number | null;
  onFailure: OnFailure;
  detach: boolean;
}

/** `runner run FILE [STAGE…]`: plans, runs what is due, and prints where the results are. */
export async function runPipeline(
  { file: given, stages, set, json, jobs, onFailure, detach }: RunArguments,
  { again }: Pick<VerbContext, 'again'>,
): Promise<number> {
  const file = givenPipeline(given, 'run FILE [STAGE…]');
  if (detach) return runDetached(again({ detach: false, json: false }), json);
  const stream = json ? process.stderr : process.stdout;
  const colours = coloursFor(stream);
  const loaded = onlyStages(await loadPipeline(file, set), stages);
  if (loaded.missingSources.length) throw new PipelineFileError(loaded.missingSources, loaded.parsed.texts);
  const capacity = machineCapacity();
  const impossible = impossibleNeeds(loaded, capacity);
  if (impossible.length) throw new PipelineFileError(impossible, loaded.parsed.texts);
  checkBudget(loaded);
  sweepShared(loaded.runsDir);

  const terminal = openTerminal(stream, colours);
  const interrupts = watchInterrupts(terminal.say);
  const began = performance.now();
  const tracker = openTracker(loaded, terminal.say);
  try {
    if (loaded.points.some(needsEngine)) await prepareEngine(terminal.say);
    const session: Session = {
      store: loaded.store,
      cliPath: process.argv[1] as string,
      slots: openSlots(capacity, jobs ?? Infinity),
      interrupts,
      onFailure,
      inFlight: new Map(),
    };
    const sweepId = loaded.parsed.swept
      ? `${loaded.points[0]?.pipeline.name ?? 'sweep'}-${randomBytes(3).toString('hex')}`
      : null;
    const context = {
      file: loaded.path,
      runsDir: loaded.runsDir,
      session,
      sweepId,
      tracker,
      show: () => both(terminal.show(), reportFirstRun()),
      say: terminal.say,
      byPerson: interrupts.byPerson,
    };
    const byPoint = new Map<LoadedPoint, RunSummary>();
    const runOne = async (point: LoadedPoint, options?: PointOptions): Promise<RunSummary> => {
      const summary = await runPoint(point, context, options);
      byPoint.set(point, summary);
      return summary;
    };
    const runs = await runAll(loaded, {
      atOnce: pointsAtOnce(jobs, capacity.cpu),
      noNew: interrupts.noNew,
      say: terminal.say,
      run: runOne,
    });
    terminal.close();
    const ok = runs.length === loaded.points.length && runs.every((run) => run.ok);
    const tookSeconds = (performance.now() - began) / 1000;
    const closing = closingBox({
      runs,
      ...tableOf(loaded, byPoint, `${calledAs()} compare ${shellWord(sweepId ?? '')}`, stream),
      sweep: sweepId,
      tookSeconds,
      ok,
      again: `run ${argumentsText({ positionals: [file, ...stages], sets: set })}`,
      tracking: trackerLines(tracker, loaded.parsed.swept),
      colours,
      width: widthOf(stream),
    });
    for (const line of closing) stream.write(`${line}\n`);
    if (json)
      console.log(
        jsonText(
          loaded.parsed.swept ? { sweep: sweepId, ok, runs } : (runs[0] ?? { run: null, dir: null, ok, stages: [] }),
        ),
      );
    if (interrupts.byPerson() && !ok) return 130;
    const silent = await notify(openedProject()?.settings.notify, { runs, ok, tookSeconds });
    if (silent !== null) console.error(`${colours.yellow('!')} ${silent}`);
    return ok ? 0 : 1;
  } finally {
    tracker.close();
    terminal.close();
    interrupts.close();
  }
}

// ---------------------------------------------------------------------------

const both =
  (first: Listener, second: Listener): Listener =>
  (event) => [first(event), second(event)];

/** While one point trains, the small stages of the next can run. More points at once would only fill the screen. */
const pointsAtOnce = (jobs: number | null, cores: number): number => Math.max(1, jobs ?? Math.max(2, cores));

function impossibleNeeds({ points, parsed }: LoadedFile, capacity: Capacity): Diagnostic[] {
  const stages = new Map(
    points.flatMap(({ pipeline }) =>
      pipeline.stages.filter((stage) => !isPossible(stage, capacity)).map((stage) => [stage.name, stage]),
    ),
  );
  return [...stages.values()].map(({ name, needs }) =>
    parsed.diagnosticAt(
      ['stages', name, 'needs', 'gpu'],
      `this stage needs ${counted(needs?.gpu ?? 0, 'GPU')}, but the machine has ${capacity.gpus.length}`,
      'CUDA_VISIBLE_DEVICES lists the GPUs that may be used',
    ),
  );
}

function needsEngine({ pipeline, facts }: LoadedPoint): boolean {
  return planPipeline(pipeline, facts).some(
    ({ stage, verdict }) =>
      verdict !== 'cached' && facts.kinds[stage.kind]?.computesWith?.(stage.params).engine === 'tensorflow',
  );
}

interface RunAllOptions {
  atOnce: number;
  noNew: AbortSignal;
  say(text: string): void;
  run(point: LoadedPoint, options?: PointOptions): Promise<RunSummary>;
}

/** Runs all points to their end, or rung by rung if the sweep has `halving:`. */
function runAll(
  {
    points,
    parsed: {
      sweep: { halving },
    },
    store,
  }: LoadedFile,
  { atOnce, noNew, say, run }: RunAllOptions,
): Promise<RunSummary[]> {
  if (!halving) return runPoints(points, { atOnce, noNew, run: (point) => run(point) });
  const pausing = (point: LoadedPoint, folder: RunSummary | undefined, pauseAt: number | undefined) =>
    run(point, { folder, ...(pauseAt === undefined ? {} : { pauses: { [halving.stage]: pauseAt } }) });
  return runHalving(points, { halving, store, atOnce, noNew, say, run: pausing });
}

function tableOf(
  { points, parsed, store }: LoadedFile,
  byPoint: Map<LoadedPoint, RunSummary>,
  compare: string,
  stream: NodeJS.WriteStream,
): { table: string[]; best?: RunSummary | null } {
  const swept = points.flatMap((loaded) =>
    loaded.pipeline.point ? [{ point: loaded.pipeline.point, run: byPoint.get(loaded) ?? null }] : [],
  );
  if (swept.length === 0) return { table: [] };
  const { lines, best } = sweepTable(swept, parsed.sweep, { store, compare, width: widthOf(stream) });
  return { table: [...lines, `curves:  ${compare} --html compare.html`], best };
}
