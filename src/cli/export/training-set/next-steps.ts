import { join } from 'node:path';
import { SPLIT_NAMES } from '../../../artifacts/tokens/index.ts';
import type { Summary } from './summary.ts';

/** The settings with which each trainer reads the files, learning only from turns of mine. */
export function nextSteps({ as, splits }: Summary, { dir, name }: { dir: string; name: string }): string[] {
  const has = SPLIT_NAMES.filter((split) => splits[split].samples > 0);
  const evaluated = has.includes('validation');
  const fields =
    as === 'messages'
      ? 'field_messages: messages, roles_to_train: [assistant], message_field_training: train'
      : 'field_messages: conversations, message_property_mappings: { role: from, content: value }, roles_to_train: [assistant]';
  const axolotl = (split: string): string =>
    `[{ path: ${JSON.stringify(join(dir, `${split}.jsonl`))}, ds_type: json, split: train, type: chat_template, ${fields} }]`;
  const files = has.map((split) => `${split}=${JSON.stringify(join(dir, `${split}.jsonl`))}`).join(', ');
  return [
    `LLaMA-Factory:  dataset_dir: ${JSON.stringify(dir)}, dataset: ${name}_train${evaluated ? `, eval_dataset: ${name}_validation` : ''}`,
    `Axolotl:        datasets: ${axolotl('train')}`,
    ...(evaluated ? [`                test_datasets: ${axolotl('validation')}`] : []),
    `Unsloth:        load_dataset("json", data_files=dict(${files}))${as === 'sharegpt' ? ', then standardize_data_formats' : ''}; train_on_responses_only masks the rest`,
  ];
}
