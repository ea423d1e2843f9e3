import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A turn as a trainer sees it. `learned`: whether its tokens have labels. */
export interface SeenTurn {
  role: 'user' | 'assistant';
  text: string;
  learned: boolean;
}

type Row = Record<string, Record<string, unknown>[]>;

export const rowsOf = (path: string): Row[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);

/**
 * LLaMA-Factory, as data/README.md of its repository describes dataset_info.json: defaults of columns and tags, the
 * user in odd positions and the assistant in even ones; a sample that ends with the user is skipped. Prompts are
 * masked.
 */
export function asLlamaFactory(dir: string, name: string): SeenTurn[][] {
  const info = JSON.parse(readFileSync(join(dir, 'dataset_info.json'), 'utf8')) as Record<string, DatasetInfo>;
  const { file_name, formatting, columns, tags } = info[name]!;
  assert.ok(existsSync(join(dir, file_name)));
  assert.equal(formatting, 'sharegpt');
  assert.ok(!name.includes(','), 'LLaMA-Factory separates names of data sets by commas');
  const { role_tag = 'from', content_tag = 'value', user_tag = 'human', assistant_tag = 'gpt' } = tags;
  return rowsOf(join(dir, file_name)).map((row) => {
    const messages = row[columns.messages ?? 'conversations']!;
    assert.ok(messages.length > 0 && messages.length % 2 === 0, 'a sample ends with the assistant');
    return messages.map((message, i): SeenTurn => {
      assert.equal(message[role_tag], i % 2 === 0 ? user_tag : assistant_tag, `role in position ${i + 1}`);
      return {
        role: i % 2 === 0 ? 'user' : 'assistant',
        text: message[content_tag] as string,
        learned: i % 2 === 1,
      };
    });
  });
}

interface DatasetInfo {
  file_name: string;
  formatting: string;
  columns: { messages?: string };
  tags: { role_tag?: string; content_tag?: string; user_tag?: string; assistant_tag?: string };
}

/**
 * Axolotl's `type: chat_template`, as docs/dataset-formats/conversation.qmd describes it: human, user, gpt and
 * assistant are known roles; `message_field_training` decides about a message that has it, `roles_to_train` about
 * others.
 */
export function asAxolotl(rows: Row[], config: AxolotlConfig): SeenTurn[][] {
  const roles: Record<string, SeenTurn['role']> = {
    human: 'user',
    user: 'user',
    gpt: 'assistant',
    assistant: 'assistant',
  };
  const { role = 'role', content = 'content' } = config.message_property_mappings ?? {};
  const toTrain = new Set(config.roles_to_train.map((name) => roles[name] ?? name));
  return rows.map((row) =>
    row[config.field_messages]!.map((message) => {
      const mapped = roles[message[role] as string];
      assert.ok(mapped, 'a known role');
      const mark = config.message_field_training === undefined ? undefined : message[config.message_field_training];
      assert.ok(mark === undefined || typeof mark === 'boolean');
      return { role: mapped, text: message[content] as string, learned: mark ?? toTrain.has(mapped) };
    }),
  );
}

interface AxolotlConfig {
  field_messages: string;
  message_property_mappings?: { role: string; content: string };
  roles_to_train: string[];
  message_field_training?: string;
}

/**
 * Unsloth: `standardize_data_formats` wants exactly two fields of text in a column `conversations`, with known roles;
 * other columns must have role and content. `train_on_responses_only` learns what is between the mark of a response and
 * the next mark of an instruction, here those of ChatML.
 */
export function asUnsloth(rows: Row[]): SeenTurn[][] {
  return rows.map((row) => {
    const shared = row['conversations'];
    const turns = shared
      ? shared.map((message) => {
          assert.deepEqual(Object.keys(message).length, 2);
          for (const value of Object.values(message)) assert.equal(typeof value, 'string');
          const role = { user: 'user', human: 'user', gpt: 'assistant', assistant: 'assistant' }[
            message['from'] as string
          ];
          return { role: role as SeenTurn['role'], text: message['value'] as string };
        })
      : row['messages']!.map(({ role, content }) => ({ role: role as SeenTurn['role'], text: content as string }));
    const text = turns.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join('');
    const learned = text
      .split('<|im_start|>assistant\n')
      .slice(1)
      .map((part) => part.split('<|im_start|>user\n')[0]!.replace(/<\|im_end\|>\n$/, ''));
    assert.deepEqual(
      learned,
      turns.filter(({ role }) => role === 'assistant').map(({ text }) => text),
    );
    return turns.map(({ role, text }) => ({ role, text, learned: role === 'assistant' }));
  });
}
