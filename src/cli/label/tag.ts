import { readLabels, tagOf, tagText, writeLabels } from '../../tracking/labels/labels.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { UsageError } from '../verb.ts';

/** `runner tag RUN [TAG…]`: adds tags to a run, and removes some. */
export function tagRun({ run, tags, remove }: { run: string; tags: string[]; remove: string[] }): number {
  const past = findRun(runsDirectory(), run);
  const labels = readLabels(past.dir);
  const unknown = remove.find((name) => labels.tags[name] === undefined);
  if (unknown !== undefined)
    throw new UsageError(
      `${past.name} has no tag "${unknown}"; ${suggestion(unknown, Object.keys(labels.tags), 'its tags')}`,
    );
  const empty = tags.find((tag) => tagOf(tag)[0] === '');
  if (empty !== undefined) throw new UsageError(`"${empty}" has no name; a tag is NAME or NAME=VALUE`);
  const kept = Object.entries(labels.tags).filter(([name]) => !remove.includes(name));
  const changed = Object.fromEntries([...kept, ...tags.map(tagOf)]);
  if (tags.length > 0 || remove.length > 0) writeLabels(past.dir, { ...labels, tags: changed });
  console.log(`${past.name}: ${Object.entries(changed).map(tagText).join(', ') || 'no tags'}`);
  return 0;
}
