import { isAsked, type KeyEntry, type ModelReport, type QuestionsReport } from '../../../src/artifacts/questions.ts';
import type { Programs } from '../pairs.ts';
import { isUnfairSample, recites } from '../../../src/judging/sample-faults.ts';
import type { Params } from '../params.ts';
import type { Windows } from '../real/windows.ts';

export interface Reported {
  params: Params;
  models: string[];
  windows: Windows;
  key: readonly KeyEntry[];
  /** pairs that programs judge, for each rival */
  automatic: number;
  realInTrain: number;
  floors: Record<string, { programs: Programs }>;
  leftOut: Record<string, string>;
  byModel: Record<string, ModelReport>;
  real: Programs;
}

export function questionsReport({ params, windows, key, real, ...rest }: Reported): QuestionsReport {
  const { design, seed, split, context, lines, turns, names } = params;
  const asked = key.filter(isAsked);
  const count = (kind: KeyEntry['kind']): number => asked.filter((entry) => entry.kind === kind).length;
  return {
    format: 'chat-runner/questions/1',
    design,
    seed,
    split,
    models: rest.models,
    asked: { questions: count('question'), catch: count('catch'), repeats: count('repeat'), duels: count('duel') },
    automatic: rest.automatic,
    context,
    lines,
    turns,
    names,
    conversations: { seen: windows.seen, fitting: windows.first.length, unfit: windows.unfit },
    realInTrain: rest.realInTrain,
    floors: rest.floors,
    leftOut: rest.leftOut,
    byModel: rest.byModel,
    realAgainstReal: { programs: real },
    warnings: [...warnings(rest, params), ...shortContext(windows, params)],
  };
}

// ---------------------------------------------------------------------------

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;

function warnings(
  { byModel, automatic, leftOut }: Omit<Reported, 'params' | 'windows' | 'key' | 'real'>,
  params: Params,
) {
  const found: QuestionsReport['warnings'] = [];
  const warn = (code: string, text: string): void => void found.push({ code, text });
  for (const [name, report] of Object.entries(byModel)) {
    const { passedOverShare, memorized } = report;
    if (isUnfairSample(report))
      warn(
        'not a fair sample',
        `${percent(passedOverShare)} of the texts that ${name} wrote were passed over for their form, so the rest are not a fair sample of its writing.`,
      );
    if (recites(report))
      warn(
        'memorized',
        `${percent(memorized.generated)} of the texts that ${name} wrote repeat the training text (real texts: ${percent(memorized.real)}): a run of 20 tokens, or runs of 8 for half of the text. They were passed over.`,
      );
  }
  if (params.split === 'validation')
    warn('validation', 'The real texts come from the validation split, which was used to choose the `best` weights.');
  if (automatic < params.automatic)
    warn(
      'few pairs',
      `Programs judge ${automatic} pairs per rival instead of ${params.automatic}: no more texts matched.`,
    );
  for (const [name, reason] of Object.entries(leftOut)) warn('left out', `${name} was left out: ${reason}.`);
  return found;
}

function shortContext({ first }: Windows, { context }: Params): QuestionsReport['warnings'] {
  const short = first.filter(({ read }) => read < context).length;
  if (short * 10 <= first.length) return [];
  const text = `In ${percent(short / first.length)} of the conversations, the ${context} lines that a judge reads did not fit into the model's context: the model read only the latest of them.`;
  return [{ code: 'short context', text }];
}
