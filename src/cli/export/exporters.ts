import { runAndStage } from '../find/run-and-stage.ts';
import { UsageError, flagName, listed } from '../verb.ts';
import { EXPORT_FORMATS, type ExportFormat } from './export-formats.ts';
import type { ModelArguments } from './model/export-model.ts';
import type { TrainingSetArguments } from './training-set/export-training-set.ts';

/** The arguments of every format; those that a format does not take are null. */
type ExportArguments = Omit<ModelArguments, 'as'> & Omit<TrainingSetArguments, 'as'> & { as: ExportFormat | null };

interface Exporter {
  /** the flags that only some formats take, of which this one takes these */
  takes: readonly (keyof ExportArguments)[];
  load(): Promise<(args: never) => Promise<number>>;
}

const TOKENS: Exporter = { takes: [], load: async () => (await import('./export.ts')).exportTokens };
const TRAINING_SET: Exporter = {
  takes: ['me', 'gap', 'maxTokens', 'seed'],
  load: async () => (await import('./training-set/export-training-set.ts')).exportTrainingSet,
};
const MODEL: Exporter = { takes: [], load: async () => (await import('./model/export-model.ts')).exportModel };

const EXPORTERS: Record<ExportFormat, Exporter> = {
  nanogpt: TOKENS,
  llmc: TOKENS,
  gguf: { ...MODEL, takes: ['type'] },
  huggingface: MODEL,
  messages: TRAINING_SET,
  sharegpt: TRAINING_SET,
};

/** `runner export`: hands its arguments to the exporter of the format. */
export async function exportRun(args: ExportArguments): Promise<number> {
  const { as } = args;
  if (as === null)
    throw new UsageError(
      `for which program? ${listed(
        EXPORT_FORMATS.map((known) => `--as ${known}`),
        'or',
      )}`,
    );
  const { takes, load } = EXPORTERS[as];
  const wrong = FORMAT_FLAGS.find((flag) => args[flag] !== null && !takes.includes(flag));
  if (wrong !== undefined)
    throw new UsageError(
      `--${flagName(wrong)} is for ${listed(
        EXPORT_FORMATS.filter((format) => EXPORTERS[format].takes.includes(wrong)).map((format) => `--as ${format}`),
        'and',
      )}`,
    );
  return (await load())({ ...args, ...runAndStage(args.run, args.stage), as } as never);
}

const FORMAT_FLAGS = [...new Set(Object.values(EXPORTERS).flatMap(({ takes }) => takes))];
