/**
 * `npm run bench sample`: compares the sample stage's loop with Hugging Face's `generate`, on GPT-2 with random
 * weights.
 *
 * npm run bench sample -- --runs 3 --rounds 3 --batches 1,16 --prompt 64 --new 64 --layers 12 --heads 12 --width 768
 * --precision fp32
 *
 * Each competitor is a separate long-running process. They take turns, so that other load on the machine affects them
 * equally. A run includes the prompts, the new tokens and top-k sampling. With `one prompt`, all texts begin with the
 * same prompt.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/files/project-root.ts';
import { type SampleShape, serveCapturedSampling } from './captured-sample.ts';
import { median } from './median.ts';
import { speedOf, startSampler } from './sampling-process.ts';
import { transformersPython, transformersVersion } from './transformers-python.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    batches: { type: 'string', default: '1,16' },
    prompt: { type: 'string', default: '64' },
    new: { type: 'string', default: '64' },
    layers: { type: 'string', default: '12' },
    heads: { type: 'string', default: '12' },
    width: { type: 'string', default: '768' },
    context: { type: 'string', default: '1024' },
    vocabulary: { type: 'string', default: '50257' },
    temperature: { type: 'string', default: '0.8' },
    'top-k': { type: 'string', default: '40' },
    precision: { type: 'string', default: 'fp32' },
    threads: { type: 'string', default: String(availableParallelism()) },
    serve: { type: 'string' },
  },
});

if (options.serve) await serveCapturedSampling(JSON.parse(options.serve) as SampleShape);
else
  for (const batchSize of options.batches.split(',').map(Number))
    for (const onePrompt of batchSize === 1 ? [true] : [false, true]) await compare(shapeOf(batchSize, onePrompt));

function shapeOf(batchSize: number, onePrompt: boolean): SampleShape {
  return {
    layers: Number(options.layers),
    heads: Number(options.heads),
    width: Number(options.width),
    context: Number(options.context),
    vocabularySize: Number(options.vocabulary),
    batchSize,
    prompt: Number(options.prompt),
    newTokens: Number(options.new),
    temperature: Number(options.temperature),
    topK: Number(options['top-k']),
    onePrompt,
    precision: options.precision as SampleShape['precision'],
    threads: Number(options.threads),
  };
}

async function compare(shape: SampleShape): Promise<void> {
  const { batchSize, prompt, newTokens, precision, onePrompt } = shape;
  console.log(
    `\n${batchSize} ${batchSize === 1 ? 'text' : onePrompt ? 'texts with one prompt' : 'texts with different prompts'}, prompt ${prompt}, ${newTokens} new tokens, ${precision}, ${shape.threads} threads`,
  );
  const given = JSON.stringify(shape);
  const ours = startSampler([process.execPath, fileURLToPath(import.meta.url), '--serve', given]);
  const theirs = startSampler([transformersPython(), join(projectRoot(), 'tests/bench/hugging-face-sample.py'), given]);
  try {
    const first = [(await ours.ask(1)).seconds[0]!, (await theirs.ask(1)).seconds[0]!];
    const speeds: [number[], number[]] = [[], []];
    const ratios: number[] = [];
    for (let round = 0; round < Number(options.rounds); round++) {
      const pair = [
        speedOf(await ours.ask(Number(options.runs))),
        speedOf(await theirs.ask(Number(options.runs))),
      ] as const;
      pair.forEach((speed, side) => speeds[side]!.push(speed));
      ratios.push(pair[0] / pair[1]);
    }
    console.table({
      'captured tfjs': { 'tokens/s': round(median(speeds[0])), 'first run, s': round(first[0]!) },
      [`transformers ${transformersVersion}`]: {
        'tokens/s': round(median(speeds[1])),
        'first run, s': round(first[1]!),
      },
    });
    console.log(
      `${median(ratios).toFixed(2)} x as fast (rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
    );
  } finally {
    ours.child.stdin!.end();
    theirs.child.stdin!.end();
  }
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
