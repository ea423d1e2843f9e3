import type { StageEvent } from '../../pipeline/events.ts';
import { clock } from './durations.ts';
import { etaText } from './eta.ts';
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
}

export const beginning = (name: string, startedMs: number): Running => ({
  name,
  startedMs,
  first: null,
  progress: null,
  loss: null,
});

/** Updates a stage's row with an event of the stage. */
export function updateProgress(running: Running, event: StageEvent & { time: number }): void {
  if (event.kind === 'progress') {
    running.progress = event;
    running.first ??= { done: event.done, timeMs: event.time };
  }
  if (event.kind === 'metric' && /(^|\/)loss$/.test(event.name)) running.loss = event.value;
}

/**
 * `▸ model ━━━━━───── 52 % · ETA 1:04 · 124/240 steps · loss 4.31`. What must not be cut off on a narrow terminal comes
 * first.
 */
export function progressRow({ name, startedMs, first, progress, loss }: Running, nowMs: number): string {
  const lossText = loss === null ? '' : `loss ${loss.toFixed(3)}`;
  if (!progress) return ['  ▸', name, '', clock(nowMs - startedMs), lossText && `· ${lossText}`].join(' ').trimEnd();
  const { done, total, unit, note } = progress;
  const fraction = total > 0 ? Math.min(1, done / total) : 0;
  const eta = first ? etaText(first, { done, timeMs: nowMs }, total) : '';
  const parts = [
    `${bar(fraction)} ${String(Math.floor(fraction * 100)).padStart(3)} %`,
    eta,
    `${count(done)}/${count(total)} ${unit}`,
    note || lossText,
  ];
  return `  ▸ ${name}  ${parts.filter(Boolean).join(' · ')}`;
}

// ---------------------------------------------------------------------------

function bar(fraction: number): string {
  const cells = 10;
  const full = Math.round(fraction * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
