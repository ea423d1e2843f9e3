import { calledAs } from '../../files/called-as.ts';
import { join, resolve } from 'node:path';
import type { ExportLayout } from '../../artifacts/tokens/export-layout.ts';
import { SPLIT_NAMES } from '../../artifacts/tokens/index.ts';
import type { TokensIndex } from '../../artifacts/tokens/index.ts';
import { openTokens } from '../../artifacts/tokens/tokens.ts';
import { counted } from '../../numbers/counted.ts';
import { bytesText } from '../../store/sizes.ts';
import { StoreError } from '../../store/store-error.ts';
import { UsageError } from '../verb.ts';
import { exportNotes } from './notes.ts';
import { findTokens, isStageOf } from '../find/find-tokens.ts';
import { lateProgress } from '../load/late-progress.ts';
import { exportName, refuseResults } from './target-folder.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shellWord } from '../../files/shell-word.ts';
import { nearPath } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { textTable, widthOf } from '../screen/text-table.ts';
import { writeExport } from './write-export.ts';
import type { Written } from './write-export.ts';
import { jsonText } from '../screen/printable.ts';

interface ExportArguments {
  /** a run, or a folder of tokens */
  run: string;
  stage: string | null;
  dir: string;
  as: ExportLayout;
  json: boolean;
}

/** `runner export RUN [STAGE] DIR --as nanogpt|llmc`: writes tokens as files that other trainers read. */
export async function exportTokens({
  run: named,
  stage,
  dir: out,
  as: layout,
  json,
}: ExportArguments): Promise<number> {
  const runsDir = runsDirectory();
  if (stage === null && isStageOf(runsDir, named, out))
    throw new UsageError(
      `DIR is missing, since "${out}" is a stage of that run: ${calledAs()} export ${shellWord(named)} ${shellWord(out)} DIR --as ${layout} (to write to a folder of that name, use ./${out})`,
    );
  const found = findTokens(runsDir, named, stage);
  const dir = resolve(out);
  refuseResults(dir, [join(runsDir, 'store'), found.dir]);
  const name = exportName(dir);
  const { index, files } = await exported({ tokensDir: found.dir, dir, layout, name });
  const notes = exportNotes(index, layout, files);
  if (json) {
    const documents = Object.fromEntries(SPLIT_NAMES.map((split) => [split, index.splits[split].documents]));
    const written = files.map(({ file, split, tokens, bytes, sha256, outcome }) => ({
      file,
      split,
      tokens,
      bytes,
      sha256,
      outcome,
    }));
    console.log(
      jsonText(
        { run: found.run, stage: found.stage, tokens: found.dir, dir, as: layout, documents, files: written, notes },
        2,
      ),
    );
    return 0;
  }
  const colours = coloursFor(process.stdout);
  console.log(
    `${colours.bold(found.stage === null ? nearPath(found.dir) : `${found.stage} of ${found.name}`)}  ${documentsText(index)}\n`,
  );
  for (const line of fileLines(files, colours.dim)) console.log(line);
  for (const note of notes) console.log(`${colours.yellow('note')}  ${note}`);
  console.log(
    `\nfiles: ${nearPath(dir)}\nnext:  ${nextCommand({ layout, dir, name, hasValidation: index.splits.validation.tokens > 0 })}`,
  );
  return 0;
}

// ---------------------------------------------------------------------------

/** Errors of the disk and damaged files become one-line messages. */
async function exported(wanted: {
  tokensDir: string;
  dir: string;
  layout: ExportLayout;
  name: string;
}): Promise<{ index: TokensIndex; files: Written[] }> {
  const progress = lateProgress(process.stderr);
  try {
    const { index, close } = openTokens(wanted.tokensDir);
    close();
    return {
      index,
      files: await writeExport({
        ...wanted,
        index,
        onBytes: (done, total) => progress.update('exporting', done, total),
      }),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StoreError(
      code === undefined
        ? `${message}\n  hint: ${calledAs()} verify --repair, then run the pipeline again`
        : `cannot write ${nearPath(wanted.dir)}: ${message}`,
      { cause: error },
    );
  } finally {
    progress.close();
  }
}

// --- printing --------------------------------------------------------------

function documentsText({ splits }: TokensIndex): string {
  const counts = SPLIT_NAMES.filter((name) => splits[name].tokens > 0).map((name) =>
    counted(splits[name].documents, `${name} document`),
  );
  return counts.join(', ');
}

function fileLines(files: Written[], dim: (text: string) => string): string[] {
  const columns = [
    { head: '  file', shrinks: 1 },
    { head: 'tokens', right: true },
    { head: 'size', right: true },
    { head: '' },
  ];
  const rows = files.map(({ file, tokens, bytes, outcome }) => [
    `  ${file}`,
    tokens.toLocaleString('en-US'),
    bytesText(bytes),
    outcome === 'same' ? 'already there, identical' : '',
  ]);
  return textTable(columns, rows, {
    width: widthOf(process.stdout),
    paint: (line, row) => (row === null ? dim(line) : line),
  });
}

function nextCommand({
  layout,
  dir,
  name,
  hasValidation,
}: {
  layout: ExportLayout;
  dir: string;
  name: string;
  hasValidation: boolean;
}): string {
  if (layout === 'nanogpt')
    return `in nanoGPT's folder: ln -s ${shellWord(dir)} data/${shellWord(name)} && python train.py --dataset=${shellWord(name)}`;
  return `in llm.c's folder: ./train_gpt2cu -i ${shellWord(join(dir, `${name}_train_*.bin`))}${hasValidation ? ` -j ${shellWord(join(dir, `${name}_val_*.bin`))}` : ''}`;
}
