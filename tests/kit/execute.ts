import { dirname, join } from 'node:path';
import { countKind } from './count-kind.ts';
import type { RunEvent } from '../../src/pipeline/events.ts';
import type { Digest, Key } from '../../src/pipeline/plan/key.ts';
import type { Capacity } from '../../src/pipeline/needs.ts';
import type { Pipeline, Stage } from '../../src/pipeline/pipeline.ts';
import { executePipeline } from '../../src/run/execute.ts';
import type { OnFailure } from '../../src/run/session.ts';
import { openSlots } from '../../src/run/open-slots.ts';
import type { Session } from '../../src/run/session.ts';
import { findEntry, hasWork, lastKeys, readPreImage } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * The stage process of these tests, with one kind, `count`. Its path is relative to the entry file, because this file
 * may be bundled into a chunk anywhere.
 */
const cliPath = join(dirname(process.argv[1] as string), '..', 'kit', 'count-stage.process.js');

export const countStage = (
  name: string,
  params: Stage['params'],
  inputs: Stage['inputs'] = {},
  placing: Partial<Stage> = {},
): Stage => ({ name, kind: 'count', inputs, params, runtime: {}, ...placing });

export interface SessionKit {
  session: Session;
  stop: AbortController;
  kill: AbortController;
}

/** What the runs of one command share, on a machine of the given capacity. */
export function openSession(
  store: Store,
  {
    capacity = { cpu: 4, memory: 16, gpus: [] },
    jobs = Infinity,
    onFailure = 'keep-going',
  }: { capacity?: Capacity; jobs?: number; onFailure?: OnFailure } = {},
): SessionKit {
  const noNew = new AbortController();
  const stop = new AbortController();
  const kill = new AbortController();
  for (const { signal } of [stop, kill]) signal.addEventListener('abort', () => noNew.abort());
  const asked = { 'no-new': noNew, stop, kill };
  const interrupts = {
    noNew: noNew.signal,
    stop: stop.signal,
    kill: kill.signal,
    saves: new EventTarget(),
    ask: (what: keyof typeof asked) => asked[what].abort(),
  };
  return {
    session: { store, cliPath, slots: openSlots(capacity, jobs), interrupts, onFailure, inFlight: new Map() },
    stop,
    kill,
  };
}

/** Executes stages as `run` would, and collects the events. */
export function execute(
  { session, stop, kill }: SessionKit,
  stages: Stage[],
  {
    priority = 0,
    sources = {},
    pauses = {},
  }: {
    priority?: number;
    sources?: Record<string, { path: string; digest: Digest }>;
    pauses?: Record<string, number>;
  } = {},
) {
  const { store } = session;
  const events: RunEvent[] = [];
  const pipeline: Pipeline = { name: 'p', experiment: 'p', stages, trackingUri: null, labels: null, point: null };
  const last = lastKeys(store, 'p');
  const bySource = <Value>(pick: (source: { path: string; digest: Digest }) => Value) =>
    Object.fromEntries(Object.entries(sources).map(([stage, source]) => [stage, { source: pick(source) }]));
  const facts = {
    kinds: { count: countKind },
    sources: bySource(({ digest }) => digest),
    missingSources: {},
    environment: () => null,
    artifactOf: (key: Key) => findEntry(store, key)?.artifact ?? null,
    hasWork: (key: Key) => hasWork(store, key),
    previous: (name: string) => (last[name] ? readPreImage(store, last[name]) : null),
  };
  const results = executePipeline({
    pipeline,
    facts,
    sourcePaths: bySource(({ path }) => path),
    pauses,
    priority,
    listen: (event) => events.push(event),
    session,
  });
  return { results, events, stop, kill };
}
