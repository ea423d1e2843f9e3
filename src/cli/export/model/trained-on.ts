import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TOKENS_INDEX_FILE, readTokensIndex, type TokensIndex } from '../../../artifacts/tokens/index.ts';
import { frozenStages, type FrozenStage } from '../../../history/frozen-pipeline.ts';
import { valueAt } from '../../../pipeline/yaml/tree.ts';
import type { TrainedModel } from '../../find/find-trained-model.ts';

/** What a model was trained on and how, as far as its run still knows. */
export interface TrainedOn {
  /** params of the train stage; empty if the run's pipeline is missing */
  params: FrozenStage['params'];
  /** the tokens that it was trained on; those of a review or a detour come last */
  tokens: TrainedTokens[];
}

export interface TrainedTokens {
  dir: string;
  index: TokensIndex;
  /** the line before each conversation; empty: none */
  header: string;
  /** the folder of the conversations that were tokenized, or null */
  conversations: string | null;
}

/** Throws an Error that names the file if an index of tokens is damaged. */
export function trainedOn({ past, stage, results }: TrainedModel): TrainedOn {
  const stages = frozenStages(past);
  const { params = {}, inputs = {} } = stages[stage] ?? {};
  const aside = new Set([valueAt(params, ['review', 'from']), valueAt(params, ['detour', 'to'])]);
  const ports = Object.keys(inputs).sort((a, b) => Number(aside.has(a)) - Number(aside.has(b)));
  const tokens = ports.flatMap((port): TrainedTokens[] => {
    const name = inputs[port]!;
    const dir = results.get(name);
    if (dir === undefined || !existsSync(join(dir, TOKENS_INDEX_FILE))) return [];
    const header = stages[name]?.params['header'];
    const source = stages[name]?.inputs['conversations'];
    return [
      {
        dir,
        index: readTokensIndex(dir),
        header: typeof header === 'string' ? header : '',
        conversations: (source === undefined ? undefined : results.get(source)) ?? null,
      },
    ];
  });
  return { params, tokens };
}

/** Whether a text begins after the separator, as in training, and as the sample stage does by default. */
export const beginsAfterSeparator = ({ tokens }: TrainedOn): boolean =>
  (tokens[0]?.index.ending ?? 'separator') === 'separator';
