import { withCommas } from '../../numbers/counted.ts';
import type { TrainingEstimate } from '../plan/training-estimate.ts';
import { roughly } from './durations.ts';

/** What a training will take, in short lines. */
export function estimateLines({ tokens, passes, memoryBytes, seconds, basedOn }: TrainingEstimate): string[] {
  const text = passes === null ? '' : `, ${figure(passes)} passes over the text`;
  const memory = memoryBytes === null ? [] : [`about ${(memoryBytes / 1e9).toFixed(1)} GB of memory`];
  const time =
    seconds === null || basedOn === null
      ? 'no speed is known yet on this machine'
      : `about ${roughly(seconds)}, based on your run of ${day(basedOn.timeMs)}`;
  return [`${withCommas(tokens)} tokens${text}`, ...memory, time];
}

/** `30 November`, in the person's own time zone; with the year if it is another one. */
export function day(ms: number, now = Date.now()): string {
  const date = new Date(ms);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

const figure = (passes: number): string => (passes < 10 ? passes.toFixed(1) : withCommas(Math.round(passes)));
