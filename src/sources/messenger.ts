import type { Conversation } from '../artifacts/conversations.ts';
import { findMessengerThreads, type MessengerThread } from './messenger-layout.ts';
import { readMessengerThread } from './messenger-thread.ts';
import type { Source } from './source.ts';
import { skip, type Tally } from './tally.ts';

/**
 * A Facebook Messenger export in JSON, unpacked: the folder that was downloaded, or any folder in it down to a single thread.
 * Section folders inbox, archived_threads, filtered_threads, message_requests and e2ee_cutover are read.
 */
export function messengerSource(path: string): Source {
  const { threads, unread } = findMessengerThreads(path);
  return {
    files: threads.flatMap((thread) => thread.files),
    looksFor:
      'message_1.json in thread folders of messages/inbox (or archived_threads, filtered_threads, message_requests, e2ee_cutover), ' +
      'itself in the given folder, in your_activity_across_facebook or in your_facebook_activity',
    mends: true,
    async *read(tally) {
      for (const { place, reason } of unread) skip(tally, place, reason, 'unreadable file');
      for (const thread of threads) yield* readThread(thread, tally);
    },
  };
}

async function* readThread(thread: MessengerThread, tally: Tally): AsyncGenerator<Conversation> {
  const conversation = await readMessengerThread(thread, tally);
  if (conversation.messages.length > 0) yield conversation;
}
