import { join } from 'node:path';
import { readJson } from '../../files/read-file.ts';
import { compareRuns } from '../../history/comparison.ts';
import { readLabels, tagText } from '../../tracking/labels/labels.ts';
import { frozenYaml } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { readRun, samplesOf } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import type { Measures, NamedLoss, RunStory, StoryReport, StoryStage } from '../../pages/run-story.ts';
import { REPORT_FILE } from '../../tracking/journal/sample-texts.ts';
import { seconds } from '../screen/durations.ts';
import { figure, when } from '../screen/shown-values.ts';
import { version } from '../version.ts';
import { chosenParams, paramText } from './chosen-params.ts';
import { originsOf } from './origins.ts';
import { storyConversations } from './story-conversations.ts';

/** Everything that is known about a run, for its page. */
export async function runStory(past: PastRun): Promise<RunStory> {
  const data = readRun(past);
  const { name, run, pipeline, sweep, title, outcome, trouble, startedMs } = data;
  const labels = readLabels(past.dir);
  return {
    name,
    run,
    pipeline,
    point: sweep ? `${title} of ${sweep.id}` : null,
    outcome,
    trouble,
    started: when(startedMs),
    seconds: data.seconds,
    description: labels.description,
    tags: Object.entries(labels.tags).map(tagText),
    notes: labels.notes,
    stages: storyStages(data, past),
    curves: compareRuns([data], null),
    reports: reportsOf(data),
    samples: samplesOf(data),
    conversations: await storyConversations(past),
    resources: resourcesOf(data),
    chosen: chosenParams(past).map(({ path, value }) => ({ path, value: paramText(value) })),
    yaml: frozenYaml(past),
    writtenBy: `chat-runner ${version()} on Node ${process.versions.node}`,
  };
}

// ---------------------------------------------------------------------------

function storyStages({ stages }: RunData, past: PastRun): StoryStage[] {
  const origins = originsOf(past);
  return stages.map(({ name, kind, outcome, seconds: took, originalSeconds, resumedAt, error }) => ({
    name,
    kind,
    outcome:
      outcome === 'resumed'
        ? `resumed at step ${resumedAt}`
        : outcome === 'cached' && originalSeconds !== undefined
          ? `cached; took ${seconds(originalSeconds)} when it ran`
          : outcome,
    seconds: took,
    error: error ?? null,
    origin: origins.get(name) ?? null,
  }));
}

/** The reports of its `evaluate` stages; those of another form are left out. */
function reportsOf({ dir, stages }: RunData): StoryReport[] {
  return stages.flatMap(({ name, kind, artifact }): StoryReport[] => {
    if (kind !== 'evaluate' || !artifact) return [];
    const folder = join(dir, 'stages', name);
    const report = readJson<Record<string, unknown>>(join(folder, REPORT_FILE));
    const trained = measuresIn(report);
    if (!report || !trained) return [];
    const classes = Object.entries(report['classes'] ?? {}).map(([kindOfToken, loss]) => ({
      name: kindOfToken,
      ...loss,
    }));
    return [
      {
        stage: name,
        trained,
        baseline: measuresIn(report['baseline']),
        classes: classes.filter(isNamedLoss),
        speakers: (readJson<unknown[]>(join(folder, 'speakers.json')) ?? []).filter(isNamedLoss),
      },
    ];
  });
}

function measuresIn(value: unknown): Measures | null {
  const { loss, perplexity, bitsPerByte } = (value ?? {}) as Partial<Measures>;
  return typeof loss === 'number' && typeof perplexity === 'number' && typeof bitsPerByte === 'number'
    ? { loss, perplexity, bitsPerByte }
    : null;
}

function isNamedLoss(value: unknown): value is NamedLoss {
  const { name, loss, tokens } = (value ?? {}) as Partial<NamedLoss>;
  return typeof name === 'string' && typeof loss === 'number' && typeof tokens === 'number';
}

/** Time, speed and memory. The metrics of several stages have the stage in front. */
function resourcesOf({ metrics, stages, seconds: took }: RunData): RunStory['resources'] {
  const rows: RunStory['resources'] = [];
  if (took !== null) rows.push({ name: 'time of this run, without waiting', value: seconds(took) });
  const spent = stages.reduce((sum, stage) => sum + (stage.seconds || (stage.originalSeconds ?? 0)), 0);
  if (spent > 0) rows.push({ name: 'time of its stages, including what was cached', value: seconds(spent) });
  for (const [name, points] of metrics) {
    const values = points.map(({ value }) => value).filter(Number.isFinite);
    if (values.length === 0) continue;
    const stage = name.replace(/(train|system)\/[^/]*$/, '').replace(/\/$/, '');
    const of = stage === '' ? '' : `${stage}: `;
    const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
    if (/(^|\/)train\/tokens_per_second$/.test(name))
      rows.push({
        name: `${of}tokens per second`,
        value: `${figure(Math.round(middle))} (median), ${figure(Math.round(Math.max(...values)))} at most`,
      });
    if (/(^|\/)train\/tokens_seen$/.test(name))
      rows.push({ name: `${of}tokens seen`, value: figure(Math.round(values.at(-1)!)) });
    if (/(^|\/)system\/resident_gb$/.test(name))
      rows.push({ name: `${of}memory, at most`, value: `${Math.max(...values).toFixed(2)} GB` });
  }
  return rows;
}
