import type { TInteger, TObject, TSchema } from '@sinclair/typebox';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Dropout } from './dropout.ts';
import type { Precision } from '../ops/precision.ts';

/**
 * What a model is to everything else: training, generation, evaluation, and the files that it is kept in. A new family
 * of models implements this and is added to `layouts.ts` and `models.ts`.
 *
 * Weights have the names, shapes and orientation of the published Hugging Face checkpoint, so a folder loads and is
 * exported by name. Tables that are no weights, such as rotary angles, are constants of the blocks that use them.
 *
 * Letters in names: B sequences, T positions, N = B·T rows, C width, H heads, D head size, V vocabulary.
 */
export interface Model extends ModelLayout {
  /** Token ids [B, T] to the first block's rows [N, C]. `positions_T`: positions of the columns; by default 0 to T - 1. */
  embed(weights: Weights, tokens_BT: Tensor, options?: EmbedOptions): Tensor;
  /** One layer: rows [N, C] to rows [N, C]. */
  block(weights: Weights, x_NC: Tensor, options: { layer: number; batchSize: number } & BlockOptions): Tensor;
  finalNorm(weights: Weights, x_NC: Tensor): Tensor;
  /** Rows [N, C] to logits [N, V]. Reads the head and nothing else of `weights`. */
  logits(weights: Weights, x_NC: Tensor): Tensor;
}

/** What can be said of a model without computing anything. It loads no tensors, for planning needs it too. */
export interface ModelLayout {
  config: ModelConfig;
  /** name → shape, in the published order */
  weightShapes: Record<string, number[]>;
  names: WeightNames;
  /** One weight of an untrained model: a pure function of config, name and seed. */
  initialWeight(name: string, seed: number): Float32Array;
  /** What generation keeps of each layer, for each position: keys and values [H, D]. */
  cache: { keyHeads: number; headSize: number };
  /** Ids that end a text, where `separator` is the tokenizer's. */
  stopIds(separator: number): number[];
  /** `config.json` as Hugging Face's transformers reads it. */
  huggingFaceConfig(separator: number): Record<string, unknown>;
  /** Bytes that training needs for one block, on the `tensorflow` engine. */
  blockMemory(batch: { batchSize: number; precision: Precision }): BlockMemory;
  /** floating-point operations of forward and backward pass, for each token of a full context */
  trainingFlopsPerToken: number;
}

export interface ModelConfig {
  /** number of token ids */
  vocabularySize: number;
  /** longest text that the model reads, in tokens */
  context: number;
  layers: number;
  /** attention heads in a layer */
  heads: number;
  /** numbers in a row of the residual stream */
  width: number;
}

export interface WeightNames {
  /** [V, C] */
  embedding: string;
  /** [context, C], or null where positions are not learnt */
  positions: string | null;
  /** [V, C]; the same as `embedding` where the head is tied */
  head: string;
  finalNorm: string[];
  /** What the names of a block begin with, followed by its number and a dot. */
  blocks: string;
  /** In a block: what is added to the residual stream comes from these. */
  residual: string[];
}

export interface BlockMemory {
  /** what it keeps for the backward pass */
  kept: number;
  /** what it needs besides while it is computed */
  working: number;
}

export type Weights<T = Tensor> = Record<string, T>;

/** From q, k and v of one layer, each [B, H, T, D], to what its heads read, [B, H, T, D]. */
export type Attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor) => Tensor;

export interface EmbedOptions {
  positions_T?: Tensor | undefined;
  dropout?: Dropout | undefined;
}

export interface BlockOptions {
  /** how positions see one another; by default each sees itself and those before it */
  attend?: Attend;
  /** of the matrix products' inputs; sums, norms, softmax and the residual stream are float32 */
  precision?: Precision;
  /** the product of rows [N, in] and a block's matrix; by default the matrix is as published */
  multiply?: (rows: Tensor2D, matrix: Tensor2D) => Tensor;
  dropout?: Dropout;
}

/** A family of models. */
export interface Architecture extends ArchitectureLayout {
  model(config: ModelConfig): Model;
}

export interface ArchitectureLayout {
  /** Schema of the config as an experiment's file has it; the properties are those of the config. */
  schema: TObject<Record<keyof ModelConfig, TInteger>>;
  /** What the schema cannot say of a config. */
  faults(config: ModelConfig): { path: string; message: string }[];
  layout(config: ModelConfig): ModelLayout;
  /** The folder that Hugging Face's transformers reads. */
  huggingFace: HuggingFaceForm;
}

export interface HuggingFaceForm {
  /** of `config.json` */
  configSchema: TSchema;
  /** The config in a `config.json` that fits the schema. Throws an Error if it describes another computation. */
  configFrom(json: object): ModelConfig;
  /** The published name of a tensor in a file, or null if it is no weight. */
  publishedName(stored: string): string | null;
}
