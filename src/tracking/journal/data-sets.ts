/**
 * The data sets that a run reads, as MLflow lists them. They are named after the stage that made them, never after the
 * user's files: conversations as a whole, tokens by split.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../files/read-file.ts';
import type { StageResult } from '../../pipeline/events.ts';
import type { DataSetRecord } from './journal.ts';

/** None if the artifact in `dir` is neither conversations nor tokens. */
export function dataSetsOf({ name, kind, artifact }: StageResult, dir: string | null): DataSetRecord[] {
  if (dir === null || artifact === null) return [];
  const record = (context: string, split: string, sizes: Sizes, columns: DataSetRecord['columns']): DataSetRecord => ({
    kind: 'dataset',
    name: split === '' ? name : `${name}/${split}`,
    stageKind: kind,
    digest: artifact,
    context,
    sizes: numbersIn(sizes),
    columns,
  });
  const conversations = existsSync(join(dir, 'conversations.jsonl')) ? readJson<Sizes>(join(dir, 'report.json')) : null;
  if (conversations) {
    const { conversations: count, messages, people } = conversations;
    return [record('source', '', { conversations: count, messages, people }, messageColumns)];
  }
  const { format, splits = {} } = readJson<TokensIndex>(join(dir, 'index.json')) ?? {};
  if (typeof format !== 'string' || !format.startsWith('chat-runner/tokens/')) return [];
  return Object.entries(splits).flatMap(([split, { tokens, bytes, documents }]) =>
    tokens === 0 ? [] : [record(contexts[split] ?? split, split, { tokens, documents, bytes }, tokenColumns)],
  );
}

// ---------------------------------------------------------------------------------------------------------------------

type Sizes = Record<string, unknown>;

interface TokensIndex {
  format?: unknown;
  splits?: Record<string, Sizes>;
}

/** What MLflow's own clients call the use of a split. */
const contexts: Record<string, string> = { train: 'training', validation: 'validation', test: 'test' };

const messageColumns = [
  { name: 'from', type: 'string' },
  { name: 'time', type: 'long' },
  { name: 'text', type: 'string' },
];
const tokenColumns = [{ name: 'id', type: 'integer' }];

function numbersIn(sizes: Sizes): Record<string, number> {
  return Object.fromEntries(
    Object.entries(sizes).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
}
