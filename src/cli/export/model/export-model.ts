import { calledAs } from '../../../files/called-as.ts';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openCheckpoint } from '../../../artifacts/checkpoint/checkpoint.ts';
import { Q8_BLOCK } from '../../../artifacts/gguf/tensor-formats.ts';
import type { TensorType } from '../../../artifacts/gguf/tensor-types.ts';
import { publishFolder } from '../../../files/sync.ts';
import { temporaryName } from '../../../files/temporary-name.ts';
import { modelFormat } from '../../../lm/model/layouts.ts';
import { bytesText } from '../../../store/sizes.ts';
import { StoreError } from '../../../store/store-error.ts';
import { findTrainedModel, type TrainedModel } from '../../find/find-trained-model.ts';
import { isStageOf } from '../../find/find-tokens.ts';
import { lateProgress } from '../../load/late-progress.ts';
import { runsDirectory } from '../../runs-directory.ts';
import { jsonText } from '../../screen/printable.ts';
import { shellWord } from '../../../files/shell-word.ts';
import { nearPath } from '../../screen/shown-values.ts';
import { coloursFor } from '../../screen/style.ts';
import { UsageError } from '../../verb.ts';
import type { ModelFormatName } from '../export-formats.ts';
import { refuseResults } from '../target-folder.ts';
import { chatFormatOf } from './chat/chat-format.ts';
import type { TwoPeople } from './chat/two-people.ts';
import { modelCard } from './model-card.ts';
import { beginsAfterSeparator, trainedOn } from './trained-on.ts';
import { writeGgufModel } from './write-gguf-model.ts';
import { writeHuggingFaceModel } from './write-hugging-face-model.ts';

export interface ModelArguments {
  run: string;
  stage: string | null;
  dir: string;
  as: ModelFormatName;
  /** only for gguf; f16 if null */
  type: TensorType | null;
  json: boolean;
}

/** `runner export RUN[/STAGE] DIR --as gguf|huggingface`: writes a trained model as files that other programs read. */
export async function exportModel(args: ModelArguments): Promise<number> {
  const { run: named, stage } = args;
  const runsDir = runsDirectory();
  if (stage === null && isStageOf(runsDir, named, args.dir))
    throw new UsageError(
      `DIR is missing, since "${args.dir}" is a stage of that run: ${calledAs()} export ${shellWord(`${named}/${args.dir}`)} DIR --as ${args.as} (to write to a folder of that name, use ./${args.dir})`,
    );
  const found = findTrainedModel(runsDir, named, stage);
  const dir = resolve(args.dir);
  refuseResults(dir, [join(runsDir, 'store'), found.dir]);
  refuseFull(dir);
  const written = await inNewFolder(dir, (folder) => write(folder, found, args));
  const files = readdirSync(dir).sort();
  const sizes = files.map((file) => ({ file, bytes: statSync(join(dir, file)).size }));
  if (args.json) {
    console.log(jsonText({ run: found.past.run, stage: found.stage, dir, as: args.as, ...written, files: sizes }, 2));
    return 0;
  }
  print(found, { args, dir, sizes, written });
  return 0;
}

// ---------------------------------------------------------------------------

interface Written {
  /** only for gguf */
  type?: TensorType;
  weights: 'best';
  step: number;
  /** who `user` and `assistant` are; null if there is no chat format */
  people?: TwoPeople | null;
  notes: string[];
}

async function write(folder: string, found: TrainedModel, { as, type: asked }: ModelArguments): Promise<Written> {
  const from = join(found.dir, 'best');
  const checkpoint = openCheckpoint(from, modelFormat);
  try {
    const { model, training } = checkpoint;
    const known = trainedOn(found);
    const about = { weights: 'best' as const, step: training.step };
    if (as === 'huggingface') {
      writeHuggingFaceModel(folder, { from, card: modelCard({ model, training, dir: found.dir, trainedOn: known }) });
      return { ...about, notes: [] };
    }
    const type = asked ?? 'f16';
    if (type === 'q8_0' && model.width % Q8_BLOCK !== 0)
      throw new UsageError(
        `q8_0 stores ${Q8_BLOCK} numbers together, but this model's width of ${model.width} is not a multiple of ${Q8_BLOCK}; use --type f16`,
      );
    const { format, notes } = chatFormatOf(known);
    const progress = lateProgress(process.stderr);
    try {
      await writeGgufModel(folder, {
        checkpoint,
        type,
        format,
        afterSeparator: beginsAfterSeparator(known),
        onBytes: (done, total) => progress.update('exporting', done, total),
      });
    } catch (error) {
      throw error instanceof RangeError
        ? new UsageError(`cannot write this model as a GGUF file of ${type}: ${error.message}`)
        : error;
    } finally {
      progress.close();
    }
    return { type, ...about, people: format?.people ?? null, notes };
  } finally {
    checkpoint.close();
  }
}

/** A folder that is not empty could mix two models. */
function refuseFull(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new UsageError(`${nearPath(dir)} is not empty; nothing was written: empty it or choose another folder`);
}

/** Fills a folder beside the wanted one and renames it when it is complete. Errors become one-line messages. */
async function inNewFolder<Result>(dir: string, fill: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = temporaryName(dir);
  try {
    mkdirSync(folder, { recursive: true });
    const result = await fill(folder);
    publishFolder(folder, dir);
    return result;
  } catch (error) {
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StoreError(
      code === undefined
        ? `${message}\n  hint: ${calledAs()} verify --repair, then run the pipeline again`
        : `cannot write ${nearPath(dir)}: ${message.replaceAll(folder, dir)}`,
      { cause: error },
    );
  }
}

// --- printing --------------------------------------------------------------

function print(
  found: TrainedModel,
  {
    args,
    dir,
    sizes,
    written,
  }: { args: ModelArguments; dir: string; sizes: { file: string; bytes: number }[]; written: Written },
): void {
  const colours = coloursFor(process.stdout);
  const { type, step, people, notes } = written;
  console.log(
    `${colours.bold(`${found.stage} of ${found.past.name}`)}  best weights, after step ${step}${type === undefined ? '' : `, as ${type}`}\n`,
  );
  const wide = Math.max(...sizes.map(({ file }) => file.length));
  for (const { file, bytes } of sizes) console.log(`  ${file.padEnd(wide)}  ${bytesText(bytes)}`);
  if (people) console.log(`\nchat:  user is ${people.user}, assistant is ${people.assistant}`);
  for (const note of notes) console.log(`${colours.yellow('note')}  ${note}`);
  console.log(`\nfiles: ${nearPath(dir)}\nnext:  ${nextCommand(args, dir)}`);
}

function nextCommand({ as }: ModelArguments, dir: string): string {
  if (as === 'huggingface') return `in Python: transformers.pipeline("text-generation", ${JSON.stringify(dir)})`;
  const name = basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-');
  return `llama-cli -m ${shellWord(join(dir, 'model.gguf'))}, or: ollama create ${shellWord(name)} -f ${shellWord(join(dir, 'Modelfile'))} && ollama run ${shellWord(name)}`;
}
