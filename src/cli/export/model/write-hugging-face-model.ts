import { constants, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT_FILES } from '../../../artifacts/checkpoint/checkpoint-files.ts';
import { replaceFileDurably } from '../../../files/replace-file.ts';

/** Copies the files of a model's folder, and writes its card beside them. */
export function writeHuggingFaceModel(dir: string, { from, card }: { from: string; card: string }): void {
  for (const name of Object.values(CHECKPOINT_FILES))
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(dir, name), constants.COPYFILE_FICLONE);
  replaceFileDurably(join(dir, 'README.md'), card);
}
