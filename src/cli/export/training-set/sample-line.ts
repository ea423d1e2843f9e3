import type { SplitName } from '../../../artifacts/tokens/index.ts';
import type { TrainingSetFormat } from '../export-formats.ts';
import type { Turn } from './turns.ts';

/**
 * A sample as a line of JSON.
 *
 * - `messages`: `{messages: [{role, content, train}]}` with the roles user and assistant; `train` is what Axolotl calls
 *   `message_field_training`, true for turns of mine alone.
 * - `sharegpt`: `{conversations: [{from, value}]}` with the roles human and gpt, and nothing else, because Unsloth
 *   refuses further fields. The role marks what is learned.
 */
export function sampleLine(turns: Turn[], format: TrainingSetFormat): string {
  const sample =
    format === 'messages'
      ? {
          messages: turns.map(({ mine, text }) => ({
            role: mine ? 'assistant' : 'user',
            content: wellFormed(text),
            train: mine,
          })),
        }
      : { conversations: turns.map(({ mine, text }) => ({ from: mine ? 'gpt' : 'human', value: wellFormed(text) })) };
  return `${JSON.stringify(sample)}\n`;
}

/** The content of LLaMA-Factory's dataset_info.json: `NAME_train` and so on, for the splits that have samples. */
export function datasetInfo(name: string, splits: SplitName[], format: TrainingSetFormat): string {
  const about =
    format === 'messages'
      ? {
          columns: { messages: 'messages' },
          tags: {
            role_tag: 'role',
            content_tag: 'content',
            user_tag: 'user',
            assistant_tag: 'assistant',
            system_tag: 'system',
          },
        }
      : {
          columns: { messages: 'conversations' },
          tags: { role_tag: 'from', content_tag: 'value', user_tag: 'human', assistant_tag: 'gpt' },
        };
  const entries = splits.map((split) => [
    `${name}_${split}`,
    { file_name: `${split}.jsonl`, formatting: 'sharegpt', ...about },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** Lone surrogates become U+FFFD: JSON can express them, but readers of other languages refuse the whole file. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
