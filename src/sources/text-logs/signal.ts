import { filesAt, fileStart } from '../source-bytes.ts';
import { decodeStart } from '../text/decode-start.ts';
import { phoneLogSource } from '../phone-log/phone-log.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { skipAll } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { readLog } from './read-log.ts';
import { signalExportForm } from './signal-export.ts';
import { sigtopForm, sigtopShortForm } from './sigtop.ts';
import { signalForm, type SignalForm } from './signal-form.ts';

/**
 * Signal's chats as signal-export (chat.md) and sigtop (text and text-short) write them, and logs with lines such as
 * `[2019-12-24, 12:23] Name: text`: a file, or a folder or .zip of them.
 */
export async function signalSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.md', '.txt']);
  if (files.length === 0 || (await formOf(files[0]!)) === 'log') return phoneLogSource(path, 'Signal', options);
  return sourceOfFiles(
    {
      files,
      looksFor: 'chat.md of signal-export, or the text of sigtop, in a file or a folder',
      repairsMojibake: false,
    },
    (tally) => skipAll(refused, tally),
    async function* (file, tally) {
      const form = await formOf(file);
      const read = form === 'sigtop' ? sigtopForm : form === 'sigtop-short' ? sigtopShortForm : signalExportForm;
      yield* readLog(file, read(options), options, tally);
    },
  );
}

async function formOf(file: TreeFile): Promise<SignalForm> {
  const form = signalForm(decodeStart(await fileStart(file)) ?? '');
  return form === 'log' && /\.md$/i.test(file.path) ? 'signal-export' : form;
}
