import type { Program, Variable } from '../../src/engine/engine.ts';
import type { Gpt2Config } from '../../src/lm/model/gpt2.ts';
import {
  cacheBytesAPlace,
  cacheShapes,
  growthStep,
  promptInputs,
  promptStep,
  tokenInputs,
  tokenStep,
} from '../../src/lm/generation/kv-cache.ts';
import { heldWeights, type WeightsToHold } from './held-weights.ts';

/** Reads tokens into the rows of a cache that grows with the texts. Programs are compiled when they are first needed. */
export interface CachedReader {
  readonly rows: number;
  /** Reads the beginning of a text into `rows`, in one pass; gives the logits after it. */
  prompt(ids: number[], rows: number[]): Promise<Float32Array>;
  /** Reads one token in each row; gives the logits after each, row by row. Rows that nobody uses read token 0 at place 0. */
  tokens(ids: Int32Array, places: Int32Array): Promise<Float32Array[]>;
}

export interface ReaderRequest extends WeightsToHold {
  /** of the cache, at first and after each growth; the last must hold the longest text that will be read */
  lengths: number[];
}

export function cachedReader({ lengths, ...toHold }: ReaderRequest): CachedReader {
  const { engine, model, rows } = toHold;
  const { variables: weights, holding, promptCompiler } = heldWeights(toHold);
  let step = -1;
  let cache: Record<string, Variable> = {};
  let tokenProgram: Program | null = null;
  const promptPrograms = new Map<string, Program>();

  const makeRoomFor = async (length: number): Promise<void> => {
    if (step >= 0 && length <= lengths[step]!) return;
    const old = cache;
    const next = lengths.findIndex((each) => each >= length);
    cache = variablesOf(cacheShapes(model, rows, lengths[next]!), (name, shape) =>
      engine.variable(name, shape, new Float32Array(shape.reduce((product, each) => product * each, 1))),
    );
    for (const program of [tokenProgram, ...promptPrograms.values()]) program?.close();
    tokenProgram = null;
    promptPrograms.clear();
    if (step >= 0) {
      const growth = engine.compile(
        'grow_cache',
        { inputs: {}, variables: { ...prefixed('from/', old), ...prefixed('to/', cache) } },
        growthStep(),
        'xla',
      );
      await growth.call({});
      growth.close();
    }
    step = next;
  };

  return {
    rows,

    async prompt(ids, into) {
      await makeRoomFor(ids.length);
      const count = Math.min(paddedLength(ids.length), lengths[step]!, model.context);
      // A program writes as many rows, each its whole length, whether they differ or not.
      const copies = into.length === 1 ? 1 : rows;
      const name = `read_prompt_${count}_into_${copies}`;
      let program = promptPrograms.get(name);
      if (!program)
        promptPrograms.set(
          name,
          (program = engine.compile(
            name,
            { inputs: promptInputs(copies, count), variables: { ...weights, ...cache } },
            promptStep(model, holding),
            promptCompiler,
          )),
        );
      const tokens = new Int32Array(count);
      tokens.set(ids);
      const targets = Int32Array.from({ length: copies }, (_, i) => into[i] ?? into[0]!);
      return (await program.call({ tokens, last: Int32Array.of(ids.length - 1), rows: targets }))['logits']!;
    },

    async tokens(ids, places) {
      await makeRoomFor(1 + places.reduce((most, place) => Math.max(most, place), 0));
      tokenProgram ??= engine.compile(
        'read_token',
        { inputs: tokenInputs(rows), variables: { ...weights, ...cache } },
        tokenStep(model, holding),
        'xla',
      );
      const { logits } = await tokenProgram.call({ tokens: ids, places });
      return Array.from({ length: rows }, (_, row) =>
        logits!.subarray(row * model.vocabularySize, (row + 1) * model.vocabularySize),
      );
    },
  };
}

/**
 * How long the cache is at first and after each growth. Half the length is worth two more programs if the time to read
 * what is saved, as often as there are tokens until it is full, is more than that of compiling them: about 0.2 s a
 * layer against 30 GB/s.
 */
export function cacheLengths(model: Gpt2Config, rows: number, longest: number): number[] {
  const bytesAPlace = cacheBytesAPlace(model, rows);
  const lengths = [Math.ceil(longest / 64) * 64];
  for (;;) {
    const half = Math.ceil(lengths[0]! / 128) * 64;
    const savedSeconds = ((lengths[0]! - half) * half * bytesAPlace) / 30e9;
    if (half === lengths[0] || savedSeconds < 0.2 * model.layers) return lengths;
    lengths.unshift(half);
  }
}

/** Prompts of about one length share a program. */
function paddedLength(count: number): number {
  return Math.max(16, count <= 64 ? 2 ** Math.ceil(Math.log2(count)) : Math.ceil(count / 64) * 64);
}

function variablesOf(
  shapes: Record<string, number[]>,
  make: (name: string, shape: number[]) => Variable,
): Record<string, Variable> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, make(name, shape)]));
}

function prefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}
