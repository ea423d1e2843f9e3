import { APP_CORPORA } from './app-exports.ts';
import { CHAT_CORPORA } from './chat-logs.ts';
import { MESSENGER_CORPORA } from './messenger-exports.ts';
import { TEXT_CORPORA } from './text-exports.ts';
import type { Corpus } from './read-mutated.ts';

/** All corpora to mutate: for minutes in `npm run soak`, for a second in the test suite. */
export const CORPORA: Corpus[] = [...MESSENGER_CORPORA, ...CHAT_CORPORA, ...TEXT_CORPORA, ...APP_CORPORA];
