import { dirname } from 'node:path';
import { runNames } from '../../history/run-names.ts';
import type { Listener, RunEvent, StageResult } from '../../pipeline/events.ts';
import { seconds } from './durations.ts';
import { nearPath } from './shown-values.ts';
import { openBlock } from './live-block.ts';
import { outcomeLine } from './outcome-line.ts';
import { beginning, progressRow, updateProgress } from './progress-row.ts';
import { textWidth } from '../../pipeline/diagnostic/text-width.ts';
import { clipped, hanging, wrapped } from './text-table.ts';
import type { Running } from './progress-row.ts';
import type { Colours } from './style.ts';

/** How often a line of progress is written if the output is not a terminal. */
const PLAIN_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 200;
const SAMPLE_ROWS = 2;

export interface Terminal {
  /** a listener for one run; several runs may be in progress */
  show(): Listener;
  /** prints a line above those that are redrawn */
  say(text: string): void;
  close(): void;
}

/**
 * The view on the terminal: a line for each finished stage and, if the terminal can redraw, a row for each running
 * stage and one for those that wait.
 */
export function openTerminal(stream: NodeJS.WriteStream, colours: Colours): Terminal {
  const block = openBlock(stream);
  const runs = new Set<ShownRun>();
  // Without a listener, writing to a closed terminal would end the run.
  stream.on('error', () => {});

  const columns = (): number => (block.live ? Math.max(20, stream.columns || 80) : Infinity);
  const rows = (): string[] => [...runs].flatMap((run) => rowsOf(run, Date.now(), columns() - 1, colours));
  const redraw = (): void => block.draw(rows());
  const timer = block.live ? setInterval(redraw, REDRAW_EVERY_MS) : undefined;
  timer?.unref();
  if (block.live) stream.on('resize', redraw);

  const show = (): Listener => {
    const run: ShownRun = { title: null, width: 0, waiting: [], running: new Map(), results: [] };
    return (event) => {
      if (event.kind === 'run-started') runs.add(run);
      const lines = linesFor(run, event, { live: block.live, columns: columns() }, colours);
      if (event.kind === 'run-finished') runs.delete(run);
      if (lines.length) block.print(lines.join('\n'), rows());
      else if (event.kind !== 'stage-event') redraw();
    };
  };
  return {
    show,
    say: block.print,
    close() {
      clearInterval(timer);
      stream.off('resize', redraw);
      block.draw([]);
    },
  };
}

// ---------------------------------------------------------------------------

interface View {
  /** rows are redrawn */
  live: boolean;
  /** of the terminal; infinite without one */
  columns: number;
}

interface ShownRun {
  /** `peak=0.001`; null if this is not a sweep */
  title: string | null;
  /** of the longest stage name */
  width: number;
  waiting: string[];
  running: Map<string, Running & { plainMs: number }>;
  results: StageResult[];
}

/** Updates the state of the run and returns the lines to print. */
function linesFor(run: ShownRun, event: RunEvent, view: View, colours: Colours): string[] {
  const label = (stage: string): string =>
    run.title === null ? stage.padEnd(run.width) : `${colours.dim(run.title)}  ${stage.padEnd(run.width)}`;
  switch (event.kind) {
    case 'run-started':
      run.width = Math.max(...event.stages.map(({ name }) => name.length));
      run.waiting = event.stages.map(({ name }) => name);
      run.title = event.sweep ? event.title : null;
      return run.title === null ? headLines(event, view.columns, colours) : [];
    case 'stage-started':
      run.waiting = run.waiting.filter((name) => name !== event.stage);
      run.running.set(event.stage, { ...beginning(label(event.stage), event.time), plainMs: Date.now() });
      return view.live ? [] : [`  ▸ ${label(event.stage)}  started`];
    case 'stage-event':
      return event.replayed
        ? []
        : stageLines(run.running.get(event.stage), event.event, label(event.stage), view, colours);
    case 'stage-finished':
      run.waiting = run.waiting.filter((name) => name !== event.result.name);
      run.running.delete(event.result.name);
      run.results.push(event.result);
      // A sweep can have thousands of points: cached and skipped stages are only counted in the point's line.
      if (
        run.title !== null &&
        event.result.outcome === 'skipped' &&
        run.results.some(({ outcome }) => outcome === 'paused')
      )
        return [];
      return run.title !== null && event.result.outcome === 'cached'
        ? []
        : [outcomeLine(event.result, label(event.result.name), colours)];
    case 'run-finished':
      return run.title === null ? [] : [pointLine(run, event.ok, colours)];
  }
}

function stageLines(
  running: (Running & { plainMs: number }) | undefined,
  event: Extract<RunEvent, { kind: 'stage-event' }>['event'],
  label: string,
  { live, columns }: View,
  colours: Colours,
): string[] {
  if (running) updateProgress(running, event);
  switch (event.kind) {
    case 'note':
      return below(`  ${colours.dim('·')} ${label}  `, event.text, columns);
    case 'warning':
      return below(`  ${colours.yellow('!')} ${label}  `, event.text, columns);
    case 'resumed':
      return [`  ${colours.cyan('↻')} ${label}  resumes at step ${event.step}`];
    case 'progress':
      if (live || !running || Date.now() - running.plainMs < PLAIN_EVERY_MS) return [];
      running.plainMs = Date.now();
      return [progressRow(running, Date.now())];
    case 'metric':
    case 'sample':
    case 'saved':
    case 'attempt':
    case 'paused':
      return [];
  }
}

/** The run's name and its folder. */
function headLines({ run, dir }: { run: string; dir: string }, columns: number, colours: Colours): string[] {
  const [name, path] = [runNames(dirname(dir)).of(run), nearPath(dir)];
  const isWide = textWidth(name) + 2 + textWidth(path) > columns;
  return isWide ? [colours.bold(name), `  ${colours.dim(path)}`] : [`${colours.bold(name)}  ${colours.dim(path)}`];
}

/** A text behind a label, continued below its start. */
function below(label: string, text: string, columns: number): string[] {
  const margin = textWidth(label);
  if (textWidth(text) <= columns - margin) return [label + text];
  if (margin > columns / 2) return [label.trimEnd(), ...hanging(`      ${text}`, columns, '      ')];
  return wrapped(text, columns - margin).map((line, index) => (index === 0 ? label : ' '.repeat(margin)) + line);
}

function rowsOf({ title, running, waiting }: ShownRun, nowMs: number, columns: number, colours: Colours): string[] {
  const rows = [...running.values()].flatMap((stage) => [
    progressRow(stage, nowMs, columns),
    ...sampleRows(stage, columns, colours),
  ]);
  if (waiting.length === 0) return rows;
  return [
    ...rows,
    colours.dim(
      `  ◦ ${title === null ? '' : `${title}  `}${waiting.length === 1 ? 'waiting' : `${waiting.length} waiting`}: ${waiting.join(', ')}`,
    ),
  ];
}

/** The first lines of what the model wrote last. */
function sampleRows({ sample }: Running, columns: number, colours: Colours): string[] {
  if (sample === null) return [];
  const lines = sample.text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(0, SAMPLE_ROWS)
    .map((line, index) =>
      colours.dim(clipped(`${index === 0 ? `      step ${sample.step}: ` : '        '}${line}`, columns)),
    );
}

function pointLine({ title, results }: ShownRun, ok: boolean, colours: Colours): string {
  const took = results.reduce((sum, result) => sum + result.seconds, 0);
  return `${ok ? colours.green('✓') : colours.red('✗')} ${colours.bold(title ?? '')}  ${countsOf(results)}${took > 0 ? colours.dim(`  ${seconds(took)}`) : ''}`;
}

/** `3 ran, 2 cached` */
export function countsOf(results: StageResult[]): string {
  return (['ran', 'resumed', 'cached', 'paused', 'failed', 'stopped', 'skipped'] as const)
    .flatMap((outcome) => {
      const count = results.filter((result) => result.outcome === outcome).length;
      return count ? [`${count} ${outcome}`] : [];
    })
    .join(', ');
}
