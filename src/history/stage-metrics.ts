import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../pipeline/events.ts';
import type { Key } from '../pipeline/plan/key.ts';
import { eventReader } from './follow-events.ts';
import { hasWork, keyDir, workDir } from '../store/store.ts';
import type { Store } from '../store/store.ts';

export interface MetricPoint {
  step: number;
  value: number;
}

/** The events of a stage so far: from the key's folder if the stage is sealed, else from its work folder. */
export function eventsAt(store: Store, key: Key): RecordedEvent[] {
  const sealed = join(keyDir(store, key), 'events.jsonl');
  return eventReader(existsSync(sealed) ? sealed : join(workDir(store, key), 'events.jsonl')).read();
}

/**
 * The newest point up to a step, or null. If an attempt resumed from a checkpoint, some steps occur twice, with the
 * same value.
 */
export function metricUpTo(events: RecordedEvent[], name: string, step: number): MetricPoint | null {
  let newest: MetricPoint | null = null;
  for (const event of events)
    if (event.kind === 'metric' && event.name === name && event.step <= step && event.step >= (newest?.step ?? 0))
      newest = event;
  return newest && { step: newest.step, value: newest.value };
}

/** The step at which an unfinished stage is paused; null if it is not. */
export function pausedStep(store: Store, key: Key): number | null {
  if (!hasWork(store, key)) return null;
  const last = eventReader(join(workDir(store, key), 'events.jsonl'))
    .read()
    .findLast(({ kind }) => kind === 'paused' || kind === 'resumed' || kind === 'progress');
  return last?.kind === 'paused' ? last.step : null;
}
