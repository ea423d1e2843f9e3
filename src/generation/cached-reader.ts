import type { Program, Variable } from '../engine/engine.ts';
import type { Model } from '../lm/model/architecture.ts';
import { ONE_PASS_FROM, type CachedReader } from '../lm/generation/generate.ts';
import { appendInputs, appendStep } from '../lm/generation/append-step.ts';
import {
  cacheBytesPerPosition,
  cacheShapes,
  growthStep,
  promptInputs,
  promptStep,
  tokenInputs,
  tokenStep,
} from '../lm/generation/kv-cache.ts';
import { product } from '../numbers/product.ts';
import { declareWeights, type LoadedWeights, type WeightsToLoad } from './loaded-weights.ts';

export interface ReaderRequest extends WeightsToLoad {
  /** lengths of the cache, initially and after each growth; the last must fit the longest text */
  lengths: number[];
  /** if the engine has the weights already, for this number of rows */
  loaded?: LoadedWeights;
  /** the first tokens that will be read: their program is prepared while the weights are read */
  first?: { count: number; rows: number } | undefined;
}

export interface AppendingReader extends CachedReader {
  /** Reads more tokens of a text whose beginning is in one row, up to `start`; returns the logits after them. */
  append(ids: number[], row: number, start: number): Promise<Float32Array>;
}

/** A reader whose cache grows with the texts. Compiles each program when it is first needed. */
export function cachedReader({ lengths, loaded, first, ...toLoad }: ReaderRequest): AppendingReader {
  const { engine, model, rows } = toLoad;
  const declared = loaded ? { ...loaded, fill: () => {} } : declareWeights(toLoad);
  const { variables: weights, layout, promptCompiler } = declared;
  let size = -1; // index in `lengths`
  let cache: Record<string, Variable> = {};
  let tokenProgram: Program | null = null;
  const promptPrograms = new Map<string, Program>(); // and those that append

  const kept = (name: string, compile: () => Program): Program => {
    const program = promptPrograms.get(name) ?? compile();
    promptPrograms.set(name, program);
    return program;
  };
  /** For so many tokens. The program for several rows always writes all of them. */
  const promptProgram = (length: number, into: number): { program: Program; count: number; copies: number } => {
    const count = Math.min(paddedLength(length), lengths[size]!, model.config.context);
    const copies = into === 1 ? 1 : rows;
    const name = `read_prompt_${count}_into_${copies}`;
    const signature = { inputs: promptInputs(copies, count), variables: { ...weights, ...cache } };
    const compile = (): Program => engine.compile(name, signature, promptStep(model, layout), promptCompiler);
    return { program: kept(name, compile), count, copies };
  };
  const programForTokens = (): Program =>
    (tokenProgram ??= engine.compile(
      'read_token',
      { inputs: tokenInputs(rows), variables: { ...weights, ...cache } },
      tokenStep(model, layout),
      'xla',
    ));
  const makeRoomFor = async (length: number): Promise<void> => {
    if (size >= 0 && length <= lengths[size]!) return;
    const old = cache;
    const next = lengths.findIndex((candidate) => candidate >= length);
    cache = variablesOf(cacheShapes(model, rows, lengths[next]!), (name, shape) =>
      engine.variable(name, shape, new Float32Array(product(shape))),
    );
    for (const program of [tokenProgram, ...promptPrograms.values()]) program?.close();
    tokenProgram = null;
    promptPrograms.clear();
    if (size >= 0) {
      const growth = engine.compile(
        'grow_cache',
        { inputs: {}, variables: { ...prefixed('from/', old), ...prefixed('to/', cache) } },
        growthStep(),
        'xla',
      );
      await growth.call({});
      growth.close();
    }
    size = next;
  };

  const prepareFirst = (count: number, into: number): void => {
    void makeRoomFor(count);
    const program = count >= ONE_PASS_FROM ? promptProgram(count, into).program : programForTokens();
    program.prepare().catch(() => {}); // its first call fails in the same way
  };

  if (first) prepareFirst(first.count, first.rows);
  declared.fill();
  return {
    rows,

    async prompt(ids, into) {
      await makeRoomFor(ids.length);
      const { program, count, copies } = promptProgram(ids.length, into.length);
      const tokens = new Int32Array(count);
      tokens.set(ids);
      // unused targets repeat the first
      const targets = Int32Array.from({ length: copies }, (_, i) => into[i] ?? into[0]!);
      return (await program.call({ tokens, last: Int32Array.of(ids.length - 1), rows: targets }))['logits']!;
    },

    async append(ids, row, start) {
      await makeRoomFor(start + ids.length);
      let done = 0;
      for (;;) {
        const count = appendedAtOnce(ids.length - done, lengths[size]! - start - done);
        const name = `append_${count}`;
        const inputs = appendInputs(count);
        const program = kept(name, () =>
          engine.compile(
            name,
            { inputs, variables: { ...weights, ...cache } },
            appendStep(model, layout),
            promptCompiler,
          ),
        );
        const tokens = new Int32Array(count);
        const part = ids.slice(done, done + count);
        tokens.set(part);
        const [first, last] = [Int32Array.of(start + done), Int32Array.of(part.length - 1)];
        const { logits } = await program.call({ tokens, start: first, last, row: Int32Array.of(row) });
        done += part.length;
        if (done === ids.length) return logits!;
      }
    },

    async tokens(ids, positions) {
      await makeRoomFor(1 + positions.reduce((most, position) => Math.max(most, position), 0));
      const { logits } = await programForTokens().call({ tokens: ids, positions });
      const { vocabularySize } = model.config;
      return Array.from({ length: rows }, (_, row) =>
        logits!.subarray(row * vocabularySize, (row + 1) * vocabularySize),
      );
    },
  };
}

/**
 * Lengths of the cache, initially and after each growth. Starting with half the length requires two more programs,
 * which take about 0.2 s per layer to compile. That is worthwhile if it takes longer to read the unused half of the
 * cache for every token of the first half, at 30 GB/s.
 */
export function cacheLengths(model: Model, rows: number, longest: number): number[] {
  const bytesPerPosition = cacheBytesPerPosition(model, rows);
  const lengths = [Math.ceil(longest / 64) * 64];
  for (;;) {
    const half = Math.ceil(lengths[0]! / 128) * 64;
    const savedSeconds = ((lengths[0]! - half) * half * bytesPerPosition) / 30e9;
    if (half === lengths[0] || savedSeconds < 0.2 * model.config.layers) return lengths;
    lengths.unshift(half);
  }
}

/** Prompts of about the same length share a program. */
function paddedLength(count: number): number {
  return Math.max(16, count <= 64 ? 2 ** Math.ceil(Math.log2(count)) : Math.ceil(count / 64) * 64);
}

/** Few sizes, because each needs a program. The cache must have room for the padding. */
function appendedAtOnce(wanted: number, room: number): number {
  const enough = APPENDED.find((count) => count >= wanted) ?? APPENDED.at(-1)!;
  return APPENDED.findLast((count) => count <= enough && count <= room) ?? 1;
}

const APPENDED = [1, 8, 32, 128, 512];

function variablesOf(
  shapes: Record<string, number[]>,
  make: (name: string, shape: number[]) => Variable,
): Record<string, Variable> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, make(name, shape)]));
}

function prefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}
