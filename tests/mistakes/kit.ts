import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { loadPipeline } from '../../src/cli/load/load-pipeline.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { renderDiagnostics } from '../../src/pipeline/diagnostic/render.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** A valid pipeline, in which each mistake replaces a few words. */
export const RIGHT = `name: comedy
seed: 1337
stages:
  chat:
    kind: ingest
    params:
      source: ./comedy.csv
      format: csv
      columns: { from: name, time: date, text: message }
  tokens:
    kind: tokenize
    inputs: { conversations: chat }
    params:
      template: "{name}: {text}"
      validation: 0.1
  model:
    kind: train
    inputs: { chat: tokens }
    params:
      model: { use: configs/model/gpt2-nano.yaml }
      schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }
      steps: 240
      batchSize: 8
  samples:
    kind: sample
    inputs: { checkpoint: model }
    params:
      prompts: ["Ann:"]
  report:
    kind: evaluate
    inputs: { checkpoint: model, held-out: tokens }
`;

export interface Mistake {
  /** words of the pipeline, and what somebody writes instead; or what somebody gives to --set */
  wrong: Edit[] | { set: string };
  /** all that is printed */
  message: string;
  /** what it says to write */
  correction: string[];
  /** how that is pasted into the file, or into the --set */
  paste: Edit[];
  /** the corrected file is valid, but needs something that is not on this machine */
  lacks?: string;
}

export type Edit = [from: string, to: string];

/** For each mistake: the whole message, and that the file is valid once the words of the message are pasted. */
export function checkMistakes(title: string, mistakes: Mistake[]): void {
  test(title, async (context) => {
    const here = somewhere(context);
    for (const { wrong, message, correction, paste, lacks } of mistakes) {
      const [text, sets] = Array.isArray(wrong) ? [edited(RIGHT, wrong), []] : [RIGHT, [wrong.set]];
      assert.equal(await messageOf(here, text, sets), message);
      const [rightText, rightSets] = Array.isArray(wrong)
        ? [edited(text, paste), []]
        : [text, sets.map((set) => edited(set, paste))];
      for (const words of correction) {
        assert.ok(message.includes(words), `${words} is not in the message\n${message}`);
        assert.ok(rightText.includes(words) || rightSets.join(' ').includes(words), words);
      }
      const rest = await messageOf(here, rightText, rightSets);
      const [, found = rest] = /^comedy\.yaml:\d+:\d+ error (.*)\n/.exec(rest) ?? [];
      assert.equal(found, lacks ?? '', message);
    }
  });
}

/** A folder with chats, in which the test works from now on. */
export function somewhere(context: TestContext): string {
  const here = realpathSync(temporaryDir(context));
  const [dir, { HOME, RUNNER_RUNS }] = [process.cwd(), process.env];
  context.after(() => {
    process.chdir(dir);
    Object.assign(process.env, { HOME, RUNNER_RUNS });
    if (RUNNER_RUNS === undefined) delete process.env['RUNNER_RUNS'];
  });
  writeFileSync(
    join(here, 'comedy.csv'),
    'name,date,message\nAnn,2020-01-01 10:00,hello there\nBen,2020-01-01 10:01,hello to you\n',
  );
  mkdirSync(join(here, 'home'));
  writeFileSync(join(here, 'home', 'comedy.csv'), 'name,date,message\nAnn,2020-01-01 10:00,hello\n');
  writeFileSync(join(here, 'small.yaml'), 'layers: 2\nheads: 2\nwidth: 16\ncontext: 32\n');
  process.chdir(here);
  Object.assign(process.env, { HOME: join(here, 'home'), RUNNER_RUNS: join(here, 'runs') });
  return here;
}

/** What `run` prints before it starts anything; empty if it would start. Folders of this machine are shortened. */
export async function messageOf(here: string, text: string, sets: string[] = []): Promise<string> {
  writeFileSync(join(here, 'comedy.yaml'), text);
  const shown = (error: PipelineFileError): string =>
    renderDiagnostics(error, { red: String, dim: String, bold: String, cyan: String }, { columns: 100 })
      .replaceAll(here, '/here')
      .replaceAll(projectRoot(), '/checkout');
  try {
    const { missingSources, parsed } = await loadPipeline('comedy.yaml', sets);
    return missingSources.length === 0 ? '' : shown(new PipelineFileError(missingSources, parsed.texts));
  } catch (error) {
    if (error instanceof PipelineFileError) return shown(error);
    throw error;
  }
}

export function edited(text: string, edits: Edit[]): string {
  return edits.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `no "${from}" in\n${before}`);
    return before.replace(from, () => to);
  }, text);
}
