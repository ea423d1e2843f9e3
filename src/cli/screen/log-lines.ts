import type { RecordedEvent } from '../../pipeline/events.ts';
import { jsonNumbers } from '../../numbers/json-number.ts';
import { jsonText } from './printable.ts';
import { shownMetric } from '../../history/metric-names.ts';
import { figure } from './shown-values.ts';
import type { Colours } from './style.ts';
import { clipped } from './text-table.ts';

export interface LogLine {
  stage: string;
  /** milliseconds since 1970 */
  time: number;
  event: RecordedEvent;
  /** it was reported when the stage ran for another run */
  cached?: boolean;
}

/**
 * Writes one plain line for each event. The metrics of a step share a line (`flush` writes the last one); progress is
 * left out. With `json`, writes every event as one object per line.
 */
export function lineWriter(
  { width, colours, json, columns = Infinity }: { width: number; colours: Colours; json: boolean; columns?: number },
  print: (line: string) => void = console.log,
): { write(line: LogLine): void; flush(): void } {
  let step: { line: LogLine; parts: string[] } | null = null;
  const put = (line: LogLine, text: string): void =>
    print(
      `${colours.dim(timeText(line.time))}  ${line.stage.padEnd(width)}  ${clipped(text, columns - width - (line.cached ? 21 : 12))}${line.cached ? colours.dim(' (cached)') : ''}`,
    );
  const flush = (): void => {
    if (step) put(step.line, `step ${(step.line.event as { step: number }).step} · ${step.parts.join(' · ')}`);
    step = null;
  };
  const write = (line: LogLine): void => {
    if (json)
      return print(
        jsonText(
          { stage: line.stage, ...line.event, ...(line.cached ? { cached: true } : {}) },
          undefined,
          jsonNumbers,
        ),
      );
    const { event } = line;
    if (event.kind !== 'metric') {
      flush();
      const text = eventText(event, colours);
      if (text !== null) put(line, text);
      return;
    }
    if (step && (step.line.stage !== line.stage || (step.line.event as { step: number }).step !== event.step)) flush();
    step ??= { line, parts: [] };
    step.parts.push(`${shownMetric(event.name)} ${figure(event.value)}`);
  };
  return { write, flush };
}

// ---------------------------------------------------------------------------

function eventText(event: RecordedEvent, colours: Colours): string | null {
  switch (event.kind) {
    case 'note':
      return event.text;
    case 'warning':
      return colours.yellow(event.text);
    case 'resumed':
      return `resumes at step ${event.step}`;
    case 'saved':
      return `saved at step ${event.step}`;
    case 'paused':
      return `paused at step ${event.step}`;
    case 'sample':
      return `${colours.dim('sample:')} ${`${event.prompt}${event.text}`.trim().split('\n')[0] ?? ''}`;
    case 'progress':
    case 'metric':
    case 'attempt':
      return null;
  }
}

const timeText = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);
