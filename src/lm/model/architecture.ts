import type { TInteger, TObject, TSchema } from '@sinclair/typebox';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Dropout } from './dropout.ts';
import type { Precision } from '../ops/precision.ts';

/**
 * The interface of a model to training, generation, evaluation and its files. A new family of models implements it and
 * is added to `layouts.ts` and `models.ts`.
 *
 * Weights have the names, shapes and orientation of the published Hugging Face checkpoint, so they are loaded and
 * exported by name. Tables that are not weights, such as rotary angles, are constants of the blocks that use them.
 *
 * Letters in names: B sequences, T positions, N = B·T rows, C width, H heads, D head size, V vocabulary.
 */
export interface Model extends ModelLayout {
  /** Token ids [B, T] to the rows [N, C] of the first block. `positions_T`: positions of the columns, default 0 … T - 1. */
  embed(weights: Weights, tokens_BT: Tensor, options?: EmbedOptions): Tensor;
  /** One layer: rows [N, C] to rows [N, C]. */
  block(weights: Weights, x_NC: Tensor, options: { layer: number; batchSize: number } & BlockOptions): Tensor;
  finalNorm(weights: Weights, x_NC: Tensor): Tensor;
  /** Rows [N, C] to logits [N, V]. Reads only the head from `weights`. */
  logits(weights: Weights, x_NC: Tensor): Tensor;
}

/** Facts about a model that need no computation. Loads no tensor library, because planning needs them too. */
export interface ModelLayout {
  config: ModelConfig;
  /** name → shape, in the published order */
  weightShapes: Record<string, number[]>;
  names: WeightNames;
  /** A weight of an untrained model: a pure function of config, name and seed. */
  initialWeight(name: string, seed: number): Float32Array;
  /** Sizes of the keys and values [H, D] that generation caches for each layer and position. */
  cache: { keyHeads: number; headSize: number };
  /** Ids that end a text; `separator` is that of the tokenizer. */
  stopIds(separator: number): number[];
  /** `config.json` for Hugging Face's transformers. */
  huggingFaceConfig(separator: number): Record<string, unknown>;
  /** How llama.cpp names and stores this model. */
  llamaCppForm(): LlamaCppForm;
  /** Bytes that training needs for one block with the `tensorflow` engine. */
  blockMemory(batch: { batchSize: number; precision: Precision }): BlockMemory;
  /** floating-point operations of forward and backward pass per token, with a full context */
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
  /** [context, C], or null if positions are not learnt */
  positions: string | null;
  /** [V, C]; the same as `embedding` if the head is tied */
  head: string;
  finalNorm: string[];
  /** Prefix of the names of a block, followed by its number and a dot. */
  blocks: string;
  /** Weights of a block that project to the residual stream. */
  residual: string[];
}

export interface LlamaCppForm {
  /** llama.cpp's name of the architecture; the keys below follow it, and a dot, in a GGUF file */
  architecture: string;
  counts: Record<string, number>;
  numbers: Record<string, number>;
  tensors: {
    name: string;
    /** the published name */
    weight: string;
    /** whether rows and columns are exchanged */
    isTransposed: boolean;
    /** stored as float32, whatever the type of the others */
    isExact: boolean;
  }[];
}

export interface BlockMemory {
  /** memory retained for the backward pass */
  kept: number;
  /** additional memory while the block is computed */
  working: number;
}

export type Weights<T = Tensor> = Record<string, T>;

/** From q, k and v of one layer, each [B, H, T, D], to the output of its heads, [B, H, T, D]. */
export type Attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor) => Tensor;

export interface EmbedOptions {
  positions_T?: Tensor | undefined;
  dropout?: Dropout | undefined;
}

export interface BlockOptions {
  /** attention; by default, each position sees itself and those before it */
  attend?: Attend;
  /** precision of the inputs of matrix products; sums, norms, softmax and the residual stream are float32 */
  precision?: Precision;
  /** product of rows [N, in] and a block's matrix; the default expects the published layout */
  multiply?: (rows: Tensor2D, matrix: Tensor2D) => Tensor;
  dropout?: Dropout;
}

/** A family of models. */
export interface Architecture extends ArchitectureLayout {
  model(config: ModelConfig): Model;
}

export interface ArchitectureLayout {
  /** Schema of the config in an experiment's file, with the properties of the config. */
  schema: TObject<Record<keyof ModelConfig, TInteger>>;
  /** Faults of a config that the schema cannot express. */
  faults(config: ModelConfig): { path: string; message: string; hint?: string }[];
  layout(config: ModelConfig): ModelLayout;
  /** The format of Hugging Face's transformers. */
  huggingFace: HuggingFaceForm;
}

export interface HuggingFaceForm {
  /** schema of `config.json` */
  configSchema: TSchema;
  /** The config in a `config.json` that fits the schema. Throws an Error if it describes another computation. */
  configFrom(json: object): ModelConfig;
  /** The published name of a tensor in a file, or null if it is not a weight. */
  publishedName(stored: string): string | null;
}
