import { Value } from '@sinclair/typebox/value';
import { openTokens } from '../../../src/artifacts/tokens/tokens.ts';
import { sampleToken } from '../../../src/lm/generation/sampling.ts';
import { randomAt } from '../../../src/lm/random/random.ts';
import { lineEndIds } from '../../../src/tokenizer/tokenizer.ts';
import { contract as turing } from '../../../stages/turing/contract.ts';
import { judge } from '../../../stages/turing/judging/programs.ts';
import type { Params } from '../../../stages/turing/params.ts';
import type { Reading } from '../../../src/held-out/conversation.ts';
import { lineReader } from '../../../src/held-out/line-reader.ts';
import { shown } from '../../../stages/turing/real/shown.ts';
import { findWindows, type Window } from '../../../stages/turing/real/windows.ts';
import { openModel, ROWS, type StartedModel } from '../../../stages/turing/rivals/open-model.ts';
import { factsOf, type PlacedText, type Test } from '../../../stages/turing/test.ts';

/**
 * How the programs judge texts of `writer`, a model that never ends a line, when they know the likelihoods of `scorer`.
 * Its lines are ended where the real ones end, which a test for people would not do.
 */
export async function judgedWithForcedLines(
  { writer, scorer, tokens: tokensDir }: { writer: string; scorer: string; tokens: string },
  pairs: number,
) {
  const tokens = openTokens(tokensDir);
  const params = Value.Parse(turing.params, { temperature: 1 }) as Params;
  const tested = [writer, scorer].map((checkpoint) => openModel('model', checkpoint, params));
  const { tokenizer, model } = tested[0]!;
  const { template, speakers } = tokens.index;
  const reader = lineReader(template, new Set(speakers));
  const reading: Reading = { tokenizer, lineEnds: lineEndIds(tokenizer), reader, speakers };
  const { seed, context, lines } = params;
  const mostTokens = model.config.context;
  const { first } = findWindows(tokens.split('test'), pairs, { seed, context, lines, mostTokens }, reading);
  const started: StartedModel[] = [];
  try {
    for (const one of tested) started.push(await one.start(mostTokens));
    const written = await allWritten(first, started[0]!, reading);
    const found = { longest: 0, share: 0, covered: 0 };
    const texts = first.flatMap((window, i) => [
      { window, lines: window.text, found },
      { ...written[i]!, found },
    ]);
    const test = {
      reading,
      signal: new AbortController().signal,
      progress: { willDraw: () => undefined, drawn: () => undefined, scored: () => undefined },
    } as unknown as Test;
    const facts = await factsOf(texts, started[1]!, test);
    return judge(
      first.map((_, i) => ({ real: facts[2 * i]!, rival: facts[2 * i + 1]! })),
      seed,
    ).programs;
  } finally {
    for (const one of [...started, ...tested]) one.close();
    tokens.close();
  }
}

// ---------------------------------------------------------------------------

async function allWritten(windows: readonly Window[], { rows }: StartedModel, reading: Reading): Promise<PlacedText[]> {
  const texts: PlacedText[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const row = await rows.take(new AbortController().signal);
    while (next < windows.length) {
      const index = next++;
      texts[index] = { window: windows[index]!, lines: await linesOf(windows[index]!, row, reading) };
    }
    row.release();
  };
  await Promise.all(Array.from({ length: ROWS }, work));
  return texts;
}

/** As many tokens in each line as the real line has, but none that breaks a character or ends a line. */
async function linesOf(
  { promptIds, real, document }: Window,
  row: Awaited<ReturnType<StartedModel['rows']['take']>>,
  { tokenizer }: Reading,
): Promise<PlacedText['lines']> {
  const isWhole = (id: number): boolean => id !== tokenizer.separator && !/[\n\r\uFFFD]/.test(tokenizer.decode([id]));
  row.setBack(0);
  let logits = await row.read(promptIds);
  let place = 0;
  const lines = [];
  for (const [i, { who, text }] of real.entries()) {
    const ids: number[] = [];
    for (const length = tokenizer.encode(` ${text}`).length; ids.length < length; place++) {
      const random = randomAt(1, place, 'questions', document);
      const id = sampleToken(logits, { temperature: 1, topK: 0, topP: 1 }, random);
      if (!isWhole(id)) continue;
      ids.push(id);
      logits = await row.read([id]);
    }
    lines.push({ who, text: shown(tokenizer.decode(ids)) });
    if (i + 1 < real.length) logits = await row.read([198, ...tokenizer.encode(real[i + 1]!.head)]);
  }
  return lines;
}
