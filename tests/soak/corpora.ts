import { CHAT_CORPORA } from './chat-logs.ts';
import { MESSENGER_CORPORA } from './messenger-exports.ts';
import type { Corpus } from './read-mutated.ts';

/** Everything that is mutated, a few minutes in each `npm run soak`, a second in the suite. */
export const CORPORA: Corpus[] = [...MESSENGER_CORPORA, ...CHAT_CORPORA];
