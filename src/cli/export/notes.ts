import type { ExportLayout } from '../../artifacts/tokens/export-layout.ts';
import type { ExportedFile } from '../../artifacts/tokens/export.ts';
import type { TokensIndex } from '../../artifacts/tokens/index.ts';
import { withCommas } from '../../numbers/counted.ts';

/** Warnings for somebody who trains on the export elsewhere. */
export function exportNotes(
  { ending, separator, splits }: TokensIndex,
  layout: ExportLayout,
  files: ExportedFile[],
): string[] {
  const notes: string[] = [];
  if (ending !== 'separator')
    notes.push(
      `documents end with ordinary tokens instead of ${separator}, so a reader of the files cannot tell where one ends`,
    );
  if (splits.train.tokens === 0) notes.push('there is no text to train on');
  if (splits.validation.tokens === 0)
    notes.push(`there is no validation text, but ${TRAINERS[layout]} needs a validation file`);
  const least = files.filter(({ split }) => split !== 'test').sort((a, b) => a.tokens - b.tokens)[0];
  if (least && least.tokens <= SMALL_TOKENS[layout]) notes.push(smallNote(layout, least));
  return notes;
}

// ---------------------------------------------------------------------------

const TRAINERS: Record<ExportLayout, string> = { nanogpt: "nanoGPT's train.py", llmc: 'llm.c' };

/** At most this many tokens are too few for the trainer's defaults: blocks of 1,024; batches of 4 × 1,024. */
const SMALL_TOKENS: Record<ExportLayout, number> = { nanogpt: 1024, llmc: 4096 };

function smallNote(layout: ExportLayout, { file, tokens }: ExportedFile): string {
  const most = withCommas(tokens - 1);
  return layout === 'nanogpt'
    ? `${file} has ${withCommas(tokens)} tokens: nanoGPT needs --block_size of at most ${most}`
    : `${file} has ${withCommas(tokens)} tokens: llm.c needs batches of at most ${most} tokens (-b times -t, times the processes)`;
}
