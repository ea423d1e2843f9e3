import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { TrainingRecord } from '../../../artifacts/checkpoint/checkpoint.ts';
import type { MetricLine } from '../../../artifacts/checkpoint/metrics-file.ts';
import { SPLIT_NAMES } from '../../../artifacts/tokens/index.ts';
import { layoutOf } from '../../../lm/model/layouts.ts';
import type { ModelConfig } from '../../../lm/model/architecture.ts';
import { counted, withCommas } from '../../../numbers/counted.ts';
import { product } from '../../../numbers/product.ts';
import { isObject } from '../../../pipeline/yaml/tree.ts';
import type { Json } from '../../../pipeline/yaml/tree.ts';
import type { TrainedOn, TrainedTokens } from './trained-on.ts';

export interface DescribedModel {
  model: ModelConfig;
  training: TrainingRecord;
  /** the artifact of the training, with its metrics */
  dir: string;
  trainedOn: TrainedOn;
}

/**
 * The README.md of a model for Hugging Face. It has no name of a person or of anything that the user named, no path and
 * no text: only numbers, and words of ours.
 */
export function modelCard(described: DescribedModel): string {
  const base = baseModel(described.trainedOn.params);
  return [
    '---',
    'library_name: transformers',
    'pipeline_tag: text-generation',
    ...(base === null ? [] : [`base_model: ${base.id}`]),
    'tags: [gpt2, chat-runner]',
    '---',
    '',
    '# A model that continues chats',
    '',
    describeModel(described, base),
    '',
    'It continues a text line by line; it was not trained to follow instructions.',
    '',
    '## Data',
    '',
    ...dataLines(described.trainedOn),
    '',
    '## Losses',
    '',
    ...lossLines(described),
    '',
    '## Recipe',
    '',
    '```yaml',
    stringify(recipeOf(described.trainedOn.params)).trimEnd(),
    '```',
    '',
    '## License',
    '',
    ...LICENSE_NOTE,
    ...(base === null
      ? []
      : ['', `The training began with ${base.title}, which OpenAI published under a modified MIT license.`]),
    '',
  ].join('\n');
}

// ---------------------------------------------------------------------------

const LICENSE_NOTE = [
  'This card names no license; whoever publishes the model chooses one. The weights were computed from private',
  'conversations and can repeat parts of them word for word. Publish them only if everybody who wrote these',
  'conversations agrees.',
];

interface BaseModel {
  title: string;
  /** on Hugging Face */
  id: string;
}

const PUBLISHED: Record<string, string> = {
  '124M': 'gpt2',
  '117M': 'gpt2',
  '355M': 'gpt2-medium',
  '345M': 'gpt2-medium',
  '774M': 'gpt2-large',
  '762M': 'gpt2-large',
  '1558M': 'gpt2-xl',
  '1542M': 'gpt2-xl',
};

function baseModel({ init }: TrainedOn['params']): BaseModel | null {
  const id = isObject(init) && init['kind'] === 'published' ? PUBLISHED[String(init['name'])] : undefined;
  return id === undefined
    ? null
    : { title: `GPT-2 ${String((init as { name: Json }).name)}`, id: `openai-community/${id}` };
}

function describeModel({ model, training, trainedOn }: DescribedModel, base: BaseModel | null): string {
  const { layers, heads, width, context } = model;
  const weights = Object.values(layoutOf(model).weightShapes).reduce((sum, shape) => sum + product(shape), 0);
  const start =
    base !== null
      ? base.title
      : training.init.kind === 'random'
        ? 'random weights'
        : isObject(trainedOn.params['init']) && trainedOn.params['init']['kind'] === 'artifact'
          ? 'the weights of an earlier training'
          : 'given weights';
  return `GPT-2 with ${counted(layers, 'layer')}, ${counted(heads, 'head')} and a width of ${withCommas(width)}: ${withCommas(weights)} weights and a context of ${withCommas(context)} tokens. It was trained from ${start}; these are the weights after ${counted(training.step, 'step')}.`;
}

function dataLines({ tokens }: TrainedOn): string[] {
  if (tokens.length === 0) return ['The run no longer knows what the model was trained on.'];
  return tokens.flatMap((each, i) => [
    ...(i > 0 ? [''] : []),
    ...splitLines(each, tokens.length > 1 ? `Text ${i + 1}: ` : ''),
  ]);
}

function splitLines({ index }: TrainedTokens, title: string): string[] {
  const { speakers, splits, template } = index;
  const people = template === '' ? 'Text without people' : `Chats of ${counted(speakers.length, 'person', 'people')}`;
  return [
    `${title}${people}, counted in GPT-2's tokens.`,
    '',
    '| split | conversations | tokens | bytes |',
    '|---|---|---|---|',
    ...SPLIT_NAMES.filter((name) => splits[name].tokens > 0).map(
      (name) =>
        `| ${name} | ${withCommas(splits[name].documents)} | ${withCommas(splits[name].tokens)} | ${withCommas(splits[name].bytes)} |`,
    ),
  ];
}

function lossLines({ dir, training }: DescribedModel): string[] {
  const losses = metricsOf(dir).filter(({ name }) => name === 'eval/loss');
  if (losses.length === 0) return ['No text was held out, so there is no held-out loss.'];
  const [first, last] = [losses[0]!, losses.at(-1)!];
  const best = losses.reduce((low, line) => (line.value < low.value ? line : low));
  return [
    'Mean held-out loss, in nats per token:',
    '',
    '| step | loss | |',
    '|---|---|---|',
    ...[...new Set([first, best, last])].map(
      (line) =>
        `| ${withCommas(line.step)} | ${line.value.toFixed(4)} | ${[line === first ? 'first' : '', line === best ? 'lowest' : '', line === last ? 'last' : '', line.step === training.step ? 'these weights' : ''].filter(Boolean).join(', ')} |`,
    ),
  ];
}

function metricsOf(dir: string): MetricLine[] {
  try {
    const lines = readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as MetricLine);
  } catch {
    return [];
  }
}

/** Params of a training that cannot contain a name, a path or a text. */
const RECIPE = [
  'steps',
  'batchSize',
  'accumulate',
  'schedule',
  'optimizer',
  'tokenNoise',
  'dropout',
  'precision',
  'windows',
  'stop',
  'validateEvery',
  'validationBatches',
  'seed',
];

const recipeOf = (params: TrainedOn['params']): Record<string, Json> =>
  Object.fromEntries(RECIPE.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));
