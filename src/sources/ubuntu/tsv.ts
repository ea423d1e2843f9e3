import type { Conversation } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { isoTimes } from '../time/iso-times.ts';
import { readSourceLines } from '../source-lines.ts';
import { drop, skip, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';

/**
 * One dialogue of the Ubuntu corpus as first published, `dialogs/<n>/<id>.tsv`: time, from, to and text separated by
 * tabs, without a header or quoting. Its id is `<n>/<id>.tsv`. Messages are counted as read, not yet as kept.
 */
export async function* readUbuntuTsv(file: TreeFile, tally: Tally): AsyncGenerator<Conversation> {
  const parseTime = isoTimes(tally);
  const gathering = gatherMessages(file.place.split('/').slice(-2).join('/') || '1');
  for await (const { text: line, place } of readSourceLines(file, tally)) {
    if (line === '') continue;
    const [time, from, to, ...text] = line.split('\t');
    if (text.length === 0) {
      skip(
        tally,
        place,
        `${[time, from, to].filter((field) => field !== undefined).length} columns instead of 4`,
        'unreadable line',
      );
      continue;
    }
    tally.read++;
    const plain = plainBreaks(text.join('\t'));
    const full =
      plain.trim() === ''
        ? drop(tally, 'empty')
        : gathering.add({ from: foldNewlines(from!), time: parseTime(time!, () => place), text: plain });
    if (full) yield full;
  }
  const rest = gathering.end();
  if (rest) yield rest;
}
