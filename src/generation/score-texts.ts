import type { Engine, Program } from '../engine/engine.ts';
import { scoreInputs, scoreStep } from '../lm/generation/score-step.ts';
import type { Model } from '../lm/model/architecture.ts';
import type { LoadedWeights } from './loaded-weights.ts';

/** A text, and which of its tokens are scored: never the first one. */
export interface TextToScore {
  ids: readonly number[];
  scored: readonly number[];
}

/** For each scored token, in the order given. */
export interface TokenScores {
  /** natural logarithm of its probability after the tokens before it */
  logProbabilities: number[];
  /** how many tokens were likelier */
  ranks: number[];
}

export interface Scoring {
  engine: Engine;
  model: Model;
  weights: LoadedWeights;
}

/** Texts and scored tokens in one call: the logits of so many tokens take 50 MB with GPT-2's vocabulary. */
const TEXTS = 8;
const SCORED = 256;

/** Scores texts; the programs for it are compiled once, and belong to the engine. */
export interface Scorer {
  /** Reads each text in one pass. `report` is called after each call with the number of texts that are done. */
  score(texts: readonly TextToScore[], report?: (done: number) => void): Promise<TokenScores[]>;
}

export function openScorer({ engine, model, weights: { variables, layout } }: Scoring): Scorer {
  const programs = new Map<number, Program>();
  const programFor = (length: number): Program => {
    const inputs = scoreInputs(TEXTS, length, SCORED);
    const program =
      programs.get(length) ?? engine.compile(`score_${length}`, { inputs, variables }, scoreStep(model, layout));
    programs.set(length, program);
    return program;
  };
  return {
    score: (texts, report = () => undefined) =>
      scoreTexts(texts, { programFor, context: model.config.context, report }),
  };
}

// ---------------------------------------------------------------------------

interface Reading {
  programFor(length: number): Program;
  /** the longest text, in tokens */
  context: number;
  report(done: number): void;
}

async function scoreTexts(
  texts: readonly TextToScore[],
  { programFor, context, report }: Reading,
): Promise<TokenScores[]> {
  const scores = texts.map((): TokenScores => ({ logProbabilities: [], ranks: [] }));
  const byLength = parts(texts).sort((a, b) => a.length - b.length || a.text - b.text || a.from - b.from);
  while (byLength.length > 0) {
    const batch = nextBatch(byLength);
    const length = paddedLength(batch.at(-1)!.length, context);
    const { losses, likelier } = await programFor(length).call(inputsOf(batch, texts, length));
    let at = 0;
    for (const { text, from, to } of batch)
      for (let i = from; i < to; i++, at++) {
        scores[text]!.logProbabilities[i] = -losses![at]!;
        scores[text]!.ranks[i] = likelier![at]!;
      }
    report(texts.length - new Set(byLength.map(({ text }) => text)).size);
  }
  return scores;
}

/** Scored tokens `from` up to, but not including, `to` of a text, of which `length` tokens have to be read. */
interface Part {
  text: number;
  from: number;
  to: number;
  length: number;
}

function parts(texts: readonly TextToScore[]): Part[] {
  return texts.flatMap(({ scored }, text) =>
    Array.from({ length: Math.ceil(scored.length / SCORED) }, (_, i): Part => {
      const to = Math.min(scored.length, (i + 1) * SCORED);
      return { text, from: i * SCORED, to, length: scored[to - 1]! };
    }),
  );
}

/** Takes as many of the parts as fit into one call. */
function nextBatch(left: Part[]): Part[] {
  let scored = 0;
  const batch: Part[] = [];
  while (left.length > 0 && batch.length < TEXTS && scored + left[0]!.to - left[0]!.from <= SCORED) {
    const part = left.shift()!;
    scored += part.to - part.from;
    batch.push(part);
  }
  return batch;
}

function inputsOf(batch: readonly Part[], texts: readonly TextToScore[], length: number): Record<string, Int32Array> {
  const tokens = new Int32Array(TEXTS * length);
  const places: number[] = [];
  const targets: number[] = [];
  for (const [row, { text, from, to, length: read }] of batch.entries()) {
    const { ids, scored } = texts[text]!;
    tokens.set(ids.slice(0, read), row * length);
    for (const place of scored.slice(from, to)) {
      places.push(row * length + place - 1);
      targets.push(ids[place]!);
    }
  }
  const padded = (values: number[]): Int32Array => {
    const all = new Int32Array(SCORED);
    all.set(values);
    return all;
  };
  return { tokens, places: padded(places), targets: padded(targets) };
}

/** Few lengths, because each needs a program. */
function paddedLength(length: number, context: number): number {
  return Math.min(context, Math.max(64, 2 ** Math.ceil(Math.log2(length))));
}
