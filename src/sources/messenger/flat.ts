import { utf8Chunks } from '../text/encoding.ts';
import { threadElements } from './thread-elements.ts';
import type { MessengerThread, ThreadFile } from './layout.ts';
import type { JsonElement } from '../text/json-elements.ts';
import { repairMojibake } from '../text/mojibake.ts';
import { notice, type Tally } from '../tally.ts';

/**
 * Adds each file of the end-to-end encrypted export to the thread with the same participants, if there is exactly one.
 * Participants are compared because these files contain no thread id. The other files become separate threads.
 */
export async function mergeFlatThreads(
  threads: MessengerThread[],
  flat: MessengerThread[],
  tally: Tally,
): Promise<MessengerThread[]> {
  if (flat.length === 0) return threads;
  const byPeople = new Map<string, MessengerThread[]>();
  for (const thread of threads) {
    const people = await participantNames(thread.files[0]!);
    if (people !== null) byPeople.set(people, [...(byPeople.get(people) ?? []), thread]);
  }
  const added = new Map<MessengerThread, ThreadFile[]>();
  const alone: MessengerThread[] = [];
  for (const thread of flat) {
    const people = await participantNames(thread.files[0]!);
    const [match, another] = (people !== null && byPeople.get(people)) || [];
    if (!match || another) alone.push(thread);
    else {
      added.set(match, [...(added.get(match) ?? []), ...thread.files]);
      notice(
        tally,
        'end-to-end encrypted thread joined to the ordinary one of the same people',
        thread.files[0]!.file.place,
      );
    }
  }
  const joined = threads.map((thread) => ({ ...thread, files: [...(added.get(thread) ?? []), ...thread.files] }));
  return [...joined, ...alone].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
}

/**
 * The sorted names of `participants`; null if the file does not begin with them, or if there are fewer than two.
 */
async function participantNames({ file, form }: ThreadFile): Promise<string | null> {
  if (form === 'html') return null;
  for await (const batch of threadElements(utf8Chunks(file.chunks()))) {
    for (const element of batch) {
      if (element.kind === 'field' && element.position.key === 'participants') return joinedNames(element.value);
      if (element.kind === 'field' ? element.position.key === 'messages' : !isRoot(element)) return null;
    }
  }
  return null;
}

function isRoot(element: JsonElement): boolean {
  return element.kind === 'open' && element.position.depth === 0;
}

function joinedNames(participants: unknown): string | null {
  if (!Array.isArray(participants) || participants.length < 2) return null;
  return participants
    .map((person: unknown) =>
      typeof person === 'string' ? person : String((person as { name?: unknown } | null)?.name ?? ''),
    )
    .map((name) => repairMojibake(name).text.trim())
    .sort()
    .join('\0');
}
