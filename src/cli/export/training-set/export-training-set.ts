import { shellWord } from '../../../files/shell-word.ts';
import { calledAs } from '../../../files/called-as.ts';
import { join, resolve } from 'node:path';
import { defaultTokenizer } from '../../../tokenizer/identity.ts';
import { openTokenizer } from '../../../tokenizer/open-tokenizer.ts';
import { StageInputError } from '../../../pipeline/stage-kind.ts';
import { StoreError } from '../../../store/store-error.ts';
import { isStageOf } from '../../find/find-tokens.ts';
import { lateProgress } from '../../load/late-progress.ts';
import { runsDirectory } from '../../runs-directory.ts';
import { jsonText } from '../../screen/printable.ts';
import { nearPath } from '../../screen/shown-values.ts';
import { UsageError } from '../../verb.ts';
import type { TrainingSetFormat } from '../export-formats.ts';
import { exportName, refuseResults } from '../target-folder.ts';
import { findConversations } from './find-conversations.ts';
import { myName } from './my-name.ts';
import { summaryLines } from './summary-lines.ts';
import { nextSteps } from './next-steps.ts';
import { writeTrainingSet, type TrainingSet } from './write-training-set.ts';

export interface TrainingSetArguments {
  run: string;
  stage: string | null;
  dir: string;
  as: TrainingSetFormat;
  me: string | null;
  /** milliseconds */
  gap: number | null;
  maxTokens: number | null;
  seed: number | null;
  json: boolean;
}

/** `runner export RUN [STAGE] DIR --as messages|sharegpt`: writes a training set from a run's conversations. */
export async function exportTrainingSet(args: TrainingSetArguments): Promise<number> {
  const { run, stage, as, gap, maxTokens, seed, json } = args;
  const runsDir = runsDirectory();
  if (stage === null && isStageOf(runsDir, run, args.dir))
    throw new UsageError(
      `DIR is missing, since "${args.dir}" is a stage of that run: ${calledAs()} export ${shellWord(run)} ${shellWord(args.dir)} DIR --as ${as} (to write to a folder of that name, use ./${args.dir})`,
    );
  const found = findConversations(runsDir, run, { stage, seed });
  const dir = resolve(args.dir);
  refuseResults(dir, [join(runsDir, 'store'), found.dir]);
  const progress = lateProgress(process.stderr);
  const { summary, files, me } = await orUserError(dir, async () => {
    const me = await myName(found.dir, args.me);
    const tokenizer = openTokenizer(defaultTokenizer);
    const rules = {
      me,
      gapMs: gap ?? DEFAULT_GAP_MS,
      mostTokens: maxTokens ?? DEFAULT_TOKENS,
      tokensOf: (text: string): number => tokenizer.encode(text).length,
    };
    const onBytes: TrainingSet['onBytes'] = (done, total) => progress.update('exporting', done, total);
    return { me, ...(await writeTrainingSet({ found, rules, as, dir, name: exportName(dir), onBytes })) };
  }).finally(progress.close);
  if (json) console.log(jsonText({ ...summary, me, dir, files }, 2));
  else {
    for (const line of summaryLines(summary, { name: found.name, me, isGiven: args.me !== null, files }))
      console.log(line);
    console.log(`\nfiles: ${nearPath(dir)}\n${nextSteps(summary, { dir, name: exportName(dir) }).join('\n')}`);
  }
  return 0;
}

// ---------------------------------------------------------------------------

const DEFAULT_GAP_MS = 6 * 3_600_000;
/** The default of LLaMA-Factory, which cuts off what is longer. */
const DEFAULT_TOKENS = 2048;

/** Errors of the disk and damaged files become one-line messages. */
async function orUserError<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      error instanceof StageInputError && error.hint !== undefined
        ? error.hint
        : `${calledAs()} verify --repair, then run the pipeline again`;
    throw new StoreError(
      code === undefined ? `${message}\n  hint: ${hint}` : `cannot write ${nearPath(dir)}: ${message}`,
      { cause: error },
    );
  }
}
