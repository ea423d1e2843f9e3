import type { Listener, RunEvent, StageEvent, StageResult } from '../pipeline/events.ts';
import { clock, seconds } from './durations.ts';
import type { Colours } from './style.ts';

/** How often a line of progress is written where there is no terminal to redraw. */
const PLAIN_EVERY_MS = 10_000;

interface Terminal {
  listen: Listener;
  /** a line of its own, above the one that is redrawn */
  say(text: string): void;
  close(): void;
}

/** What a person sees of a run: a finished line per stage, and for the running one its progress, rate and ETA. */
export function openTerminal(stream: NodeJS.WriteStream, colours: Colours): Terminal {
  const live = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  let width = 0;
  let running: Running | null = null;
  let lastPlain = 0;

  const say = (text: string): void => {
    stream.write(live ? `\r\x1b[K${text}\n` : `${text}\n`);
    redraw();
  };
  const redraw = (): void => {
    if (!live) return;
    const text = running ? progressText(running, Date.now()) : '';
    stream.write(`\r\x1b[K${text.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
  };
  const plain = (now: number): void => {
    if (live || !running?.progress || now - lastPlain < PLAIN_EVERY_MS) return;
    lastPlain = now;
    stream.write(`${progressText(running, now)}\n`);
  };
  const timer = live ? setInterval(redraw, 250) : undefined;
  timer?.unref();

  const listen = (event: RunEvent): void => {
    switch (event.kind) {
      case 'run-started':
        width = Math.max(...event.stages.map(({ name }) => name.length));
        say(`${colours.bold(event.pipeline)}${event.sweep ? `  ${event.title}` : ''}  ${colours.dim(`runs/${event.run}`)}`);
        break;
      case 'stage-started':
        running = { name: event.stage.padEnd(width), started: event.time, first: null, progress: null };
        lastPlain = Date.now();
        redraw();
        break;
      case 'stage-event':
        if (!event.replayed) onStageEvent(event.stage, event.event, event.event.time);
        break;
      case 'stage-finished':
        running = null;
        say(finishedText(event.result, width, colours));
        break;
      case 'run-finished':
        break;
    }
  };
  const onStageEvent = (stage: string, event: StageEvent, time: number): void => {
    if (event.kind === 'progress' && running) {
      running.progress = event;
      running.first ??= { done: event.done, time };
      plain(Date.now());
    }
    if (event.kind === 'note') say(`  ${colours.dim('·')} ${stage.padEnd(width)}  ${event.text}`);
    if (event.kind === 'warning') say(`  ${colours.yellow('!')} ${stage.padEnd(width)}  ${event.text}`);
    if (event.kind === 'resumed') say(`  ${colours.cyan('↻')} ${stage.padEnd(width)}  goes on from step ${event.step}`);
  };
  return {
    listen,
    say,
    close() {
      clearInterval(timer);
      if (live) stream.write('\r\x1b[K');
    },
  };
}

// ---------------------------------------------------------------------------

interface Running {
  name: string;
  started: number;
  /** the first progress of this attempt: a resumed stage's rate counts from there */
  first: { done: number; time: number } | null;
  progress: Extract<StageEvent, { kind: 'progress' }> | null;
}

function progressText({ name, started, first, progress }: Running, now: number): string {
  if (!progress) return `  ▸ ${name}  ${clock(now - started)}`;
  const { done, total, unit, note } = progress;
  const fraction = total > 0 ? Math.min(1, done / total) : 0;
  const moved = first ? done - first.done : 0;
  const eta = first && moved > 0 && total > done ? `ETA ${clock(((now - first.time) / moved) * (total - done))}` : '';
  // what must not be cut off on a narrow terminal comes first
  const parts = [`${bar(fraction)} ${String(Math.floor(fraction * 100)).padStart(3)} %`, eta, `${count(done)}/${count(total)} ${unit}`, note ?? ''];
  return `  ▸ ${name}  ${parts.filter(Boolean).join(' · ')}`;
}

function bar(fraction: number): string {
  const cells = 10;
  const full = Math.round(fraction * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

function finishedText({ name, outcome, seconds: took, resumedAt, error }: StageResult, width: number, colours: Colours): string {
  const mark = { cached: colours.green('✓'), ran: colours.green('✓'), resumed: colours.green('✓'), failed: colours.red('✗'), stopped: colours.yellow('■'), skipped: colours.dim('-') }[outcome];
  const word = outcome === 'resumed' ? `resumed at step ${resumedAt}` : outcome;
  const line = `  ${mark} ${name.padEnd(width)}  ${word.padEnd(8)} ${took > 0 ? colours.dim(seconds(took)) : ''}`.trimEnd();
  return error ? `${line}\n${error.split('\n').map((each) => `      ${each}`).join('\n')}` : line;
}
