import type { StageEvent } from '../../pipeline/events.ts';
import { roughly, wholeSeconds } from './durations.ts';
import { secondsLeft } from './eta.ts';
import { textWidth } from '../../pipeline/diagnostic/text-width.ts';
import { clipped, clippedMiddle } from './text-table.ts';
import type { Mark } from './eta.ts';

type Progress = Extract<StageEvent, { kind: 'progress' }>;

/** A running stage in the live view. */
export interface Running {
  name: string;
  startedMs: number;
  /** the first progress of this attempt: a resumed stage's rate counts from there */
  first: Mark | null;
  progress: Progress | null;
  /** the newest loss, shown if the progress has no note */
  loss: number | null;
  /** what the model wrote last, while it is trained */
  sample: { step: number; text: string } | null;
}

export const beginning = (name: string, startedMs: number): Running => ({
  name,
  startedMs,
  first: null,
  progress: null,
  loss: null,
  sample: null,
});

/** Updates a stage's row with an event of the stage. */
export function updateProgress(running: Running, event: StageEvent & { time: number }): void {
  if (event.kind === 'progress') {
    running.progress = event;
    running.first ??= { done: event.done, timeMs: event.time };
  }
  // of several prompts, the first
  if (event.kind === 'sample' && running.sample?.step !== event.step)
    running.sample = { step: event.step, text: `${event.prompt}${event.text}` };
  if (event.kind === 'metric' && /(^|\/)loss$/.test(event.name)) running.loss = event.value;
}

/**
 * `▸ model ━━━━━───── 52 % · 1 min 4 s left · 124/240 steps · loss 4.31 · held-out loss 4.52 · 1,200 tokens/s`. Where
 * the terminal is too narrow, the steps, the bar, the seconds, the first parts of the note and the time left go, in
 * this order; then the name is cut in its middle. The last two parts of the note stay.
 */
export function progressRow(running: Running, nowMs: number, columns = Infinity): string {
  const forms = formsOf(running, nowMs);
  const fits = forms.find((form) => textWidth(form(running.name)) <= columns);
  if (fits) return fits(running.name);
  const shortest = forms.at(-1)!;
  const room = columns - textWidth(shortest(''));
  return clipped(shortest(clippedMiddle(running.name, Math.max(LEAST_NAME, room))), columns);
}

// ---------------------------------------------------------------------------

const LEAST_NAME = 8;

/** The row, as a function of the stage's label, in ever shorter forms. */
function formsOf({ startedMs, first, progress, loss }: Running, nowMs: number): ((name: string) => string)[] {
  const lossText = loss === null ? '' : `loss ${loss.toFixed(3)}`;
  if (!progress) {
    const parts = [wholeSeconds((nowMs - startedMs) / 1000), lossText].filter(Boolean);
    return [(name) => `  ▸ ${name}  ${parts.join(' · ')}`];
  }
  const { done, total, unit, note } = progress;
  const fraction = total > 0 ? Math.min(1, done / total) : 0;
  const left = first ? secondsLeft(first, { done, timeMs: nowMs }, total) : null;
  const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
  const notes = (note || lossText).split(' · ');
  const full = {
    bar: `${bar(fraction)} `,
    left: left === null ? '' : `${wholeSeconds(left)} left`,
    count: `${count(done)}/${count(total)} ${unit}`,
    note: notes.join(' · '),
  };
  const forms = [full];
  const shorter = (change: Partial<typeof full>): void => void forms.push({ ...forms.at(-1)!, ...change });
  shorter({ count: '' });
  shorter({ bar: '' });
  if (left !== null) shorter({ left: `${roughly(left)} left` });
  shorter({ note: notes.slice(-2).join(' · ') });
  shorter({ left: '' });
  return forms.map((form) => (name) => {
    const parts = [`${form.bar}${percent}`, form.left, form.count, form.note].filter(Boolean);
    return `  ▸ ${name}  ${parts.join(' · ')}`;
  });
}

function bar(fraction: number): string {
  const cells = 10;
  const full = Math.round(fraction * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
