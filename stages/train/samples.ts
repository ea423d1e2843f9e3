import type { Engine, Program, Variable } from '../../src/engine/engine.ts';
import type { TokenizerIdentity } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import type { Model } from '../../src/lm/model/architecture.ts';
import { cacheShapes, tokenInputs, tokenStep } from '../../src/lm/generation/kv-cache.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import { sampleToken } from '../../src/lm/generation/sampling.ts';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import type { Context } from './params/params.ts';

/**
 * Emits samples during training; they are not part of the artifact. Reads the weights that are being trained and
 * changes nothing. Continues all prompts together, one token per call. Throws StageStopped before the next token if the
 * signal fires.
 */
export function sampler(
  { params: { seed }, runtime: { samples }, emit, signal }: Context,
  {
    engine,
    model,
    variables,
    tokenizer,
  }: { engine: Engine; model: Model; variables: Record<string, Variable>; tokenizer: TokenizerIdentity },
): (step: number) => Promise<void> {
  const { context, vocabularySize } = model.config;
  const open = () => {
    const { encode, decode, separator } = openTokenizer(tokenizer);
    const prompts = samples.prompts.map((prompt) => [separator, ...encode(prompt)].slice(0, context));
    const length = Math.min(context, Math.max(...prompts.map((ids) => ids.length)) + samples.maxNewTokens - 1);
    return {
      prompts,
      length,
      decode,
      program: compiled(engine, { model, variables, rows: prompts.length, length }),
    };
  };
  const stopIds = model.stopIds(tokenizer.separator);
  let opened: ReturnType<typeof open> | null = null;

  return async (step) => {
    const { prompts, length, decode, program } = (opened ??= open());
    const texts = prompts.map((ids) => [...ids]);
    const ended = texts.map(() => false);
    for (let position = 0; position < length && ended.includes(false); position++) {
      if (signal.aborted) throw new StageStopped();
      const tokens = Int32Array.from(texts, (ids) => ids[position] ?? 0);
      const { logits } = await program.call({ tokens, positions: new Int32Array(tokens.length).fill(position) });
      texts.forEach((ids, row) => {
        if (ended[row] || position < ids.length - 1) return;
        const rowLogits = logits!.subarray(row * vocabularySize, (row + 1) * vocabularySize);
        const id = sampleToken(rowLogits, { ...samples, topP: 1 }, randomAt(seed, position + 1, 'sampling', row));
        ids.push(id);
        ended[row] = stopIds.includes(id) || ids.length - prompts[row]!.length >= samples.maxNewTokens;
      });
    }
    texts.forEach((ids, row) => {
      const text = decode(ids.slice(prompts[row]!.length)).replace(/\uFFFD+$/, '');
      emit({ kind: 'sample', step, prompt: samples.prompts[row]!, text });
    });
  };
}

function compiled(
  engine: Engine,
  {
    model,
    variables,
    rows,
    length,
  }: { model: Model; variables: Record<string, Variable>; rows: number; length: number },
): Program {
  const weights = Object.keys(model.weightShapes).map((name) => [name, variables[`weights/${name}`]!]);
  const cache = Object.entries(cacheShapes(model, rows, length)).map(([name, shape]) => {
    return [
      name,
      engine.variable(
        `sample/${name}`,
        shape,
        new Float32Array(shape.reduce((product, length) => product * length, 1)),
      ),
    ];
  });
  return engine.compile(
    'sample_token',
    { inputs: tokenInputs(rows), variables: Object.fromEntries([...weights, ...cache]) as Record<string, Variable> },
    tokenStep(model),
  );
}
