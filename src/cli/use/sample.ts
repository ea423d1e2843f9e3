import { text as readAll } from 'node:stream/consumers';
import { engineChoice, whileOpening } from '../../engine/open-engine.ts';
import type { Engine } from '../../engine/engine.ts';
import { plannedTexts, sampleRecord, type SampleSettings } from '../../generation/texts.ts';
import { textStream } from '../../generation/text-stream.ts';
import { writeTexts } from '../../generation/write-texts.ts';
import type { TextSoFar } from '../../lm/generation/text-so-far.ts';
import { counted } from '../../numbers/counted.ts';
import { UsageError } from '../verb.ts';
import { findModel, type FoundModel } from '../find/find-model.ts';
import { params, type Params } from '../../../stages/sample/params.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { runsDirectory } from '../runs-directory.ts';
import { jsonText } from '../screen/printable.ts';
import { coloursFor } from '../screen/style.ts';
import { openModel, type OpenModel } from './open-model.ts';
import { promptNotes } from './prompt-notes.ts';

interface SampleArguments {
  model: string;
  prompt: string[];
  count: number | null;
  maxTokens: number | null;
  temperature: number | null;
  topK: number | null;
  topP: number | null;
  stop: string[];
  seed: number | null;
  weights: 'best' | 'final';
  json: boolean;
}

/** `runner sample RUN[/STAGE] --prompt TEXT`: writes texts with a model, and shows them while they are written. */
export async function sample(args: SampleArguments): Promise<number> {
  const found = findModel(runsDirectory(), args.model);
  const prompts = await promptsFrom(args.prompt);
  await prepareEngine((text) => console.error(text));
  return whileOpening({ ...engineChoice('tensorflow', 'fp32'), wideVectors: true }, (opening) =>
    sampleFrom(found, prompts, args, opening),
  );
}

// ---------------------------------------------------------------------------

async function sampleFrom(
  found: FoundModel,
  prompts: string[],
  args: SampleArguments,
  opening: Promise<Engine>,
): Promise<number> {
  const opened = openModel(found, args.weights);
  const settings = { ...stageParams(args, prompts), weights: opened.weights };
  const planned = plannedTexts(settings, opened.tokenizer);
  checkLength(planned, opened.model.config.context);
  const colours = coloursFor(process.stderr);
  console.error(colours.dim(opened.about));
  for (const note of promptNotes(prompts, found.tokens)) console.error(`${colours.yellow('note')}  ${note}`);

  const printer = args.json ? jsonPrinter(planned, settings, opened) : textPrinter(planned, settings.stop, opened);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.on('error', () => process.exit(0)); // the reader closed the pipe
  printer.show(); // the prompt, while the engine is loaded
  try {
    await writeTexts(planned, {
      engine: await opening,
      model: opened.model,
      read: opened.read,
      tokenizer: opened.tokenizer,
      precision: 'fp32',
      rules: settings,
      signal: stopping.signal,
      report: printer.show,
    });
    printer.end();
  } finally {
    opened.close();
  }
  return stopping.signal.aborted ? 130 : 0;
}

async function promptsFrom(given: string[]): Promise<string[]> {
  if (given.filter((prompt) => prompt === '-').length > 1)
    throw new UsageError('--prompt - can be given once, because standard input can be read once');
  const prompts: string[] = [];
  for (const prompt of given)
    prompts.push(prompt === '-' ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : prompt);
  return prompts.length === 0 ? [''] : prompts;
}

function checkLength(planned: TextSoFar[], context: number): void {
  const long = planned.find(({ promptIds }) => promptIds.length > context);
  if (long)
    throw new UsageError(
      `the prompt has ${counted(long.promptIds.length, 'token')}, but the model's context is ${counted(context, 'token')}: shorten the prompt`,
    );
}

/** As the params of a `sample` stage, with its defaults. */
function stageParams(args: SampleArguments, prompts: string[]): Params {
  const { count, maxTokens, temperature, topK, topP, stop, seed, weights } = args;
  const given: Record<string, unknown> = {
    prompts,
    samplesPerPrompt: count,
    maxNewTokens: maxTokens,
    temperature,
    topK,
    topP,
    stop,
    seed,
    weights,
  };
  return Object.fromEntries(
    Object.entries(params).map(([name, schema]) => [name, given[name] ?? (schema as { default?: unknown }).default]),
  ) as Params;
}

interface Printer {
  /** called after each token */
  show(): void;
  end(): void;
}

/** Prints the texts in their order: the first one while it is written, others as soon as those before have ended. */
function textPrinter(planned: TextSoFar[], stop: string[], { tokenizer }: OpenModel): Printer {
  const colours = coloursFor(process.stdout);
  let current = 0;
  let stream = textStream(tokenizer, stop);
  let shown = -1; // tokens of the current text; -1: not even its prompt
  const begin = ({ prompt, seed }: TextSoFar): void => {
    if (planned.length > 1)
      process.stdout.write(
        colours.dim(`${current > 0 ? '\n' : ''}--- ${current + 1} of ${planned.length}, seed ${seed}\n`),
      );
    process.stdout.write(colours.bold(prompt));
    shown = 0;
  };
  const show = (): void => {
    while (current < planned.length) {
      const text = planned[current]!;
      if (shown < 0) begin(text);
      const added = text.newIds.slice(shown).map((id) => stream.add(id));
      shown += added.length;
      process.stdout.write(added.join(''));
      if (text.stopped === null) return;
      process.stdout.write(`${text.stopped === 'stop' ? '' : stream.rest()}\n`);
      current++;
      shown = -1;
      stream = textStream(tokenizer, stop);
    }
  };
  return {
    show,
    end() {
      if (current < planned.length && shown >= 0) process.stdout.write('\n');
    },
  };
}

function jsonPrinter(planned: TextSoFar[], settings: SampleSettings, { tokenizer, step }: OpenModel): Printer {
  let current = 0;
  const show = (): void => {
    for (; planned[current] && planned[current]!.stopped !== null; current++)
      console.log(jsonText(sampleRecord(planned[current]!, settings, step, tokenizer)));
  };
  return { show, end: show };
}
