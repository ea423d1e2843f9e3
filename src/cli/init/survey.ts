import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONVERSATIONS_FILE, CONVERSATIONS_REPORT_FILE } from '../../artifacts/conversations.ts';
import type { Conversation, ConversationsReport } from '../../artifacts/conversations.ts';
import { readTokensIndex } from '../../artifacts/tokens/index.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import type { StageEvent } from '../../pipeline/events.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import type { SourceFormat } from '../../sources/format-names.ts';
import { likelyFormat } from '../../sources/formats.ts';
import { fileStart, filesAt } from '../../sources/source-bytes.ts';
import type { Columns } from '../../sources/tables/columns.ts';
import { firstRow, headerOf } from '../../sources/tables/header.ts';
import { runStageHere } from './stage-here.ts';

/** What a person's chats are, read as the pipeline will read them. */
export interface Survey {
  format: SourceFormat;
  /** of a table */
  columns: Columns | null;
  conversations: number;
  messages: number;
  /** whoever writes, most messages first */
  people: { name: string; messages: number }[];
  /** whose chats these probably are */
  owner: string | null;
  /** whether messages have times, so that a silence can end a conversation */
  timed: boolean;
  tokens: { train: number; heldOut: number };
}

export interface Show {
  warn(text: string): void;
  /** in bytes */
  progress(what: string, done: number, total: number): void;
}

/** A silence of this many hours ends a conversation. */
export const SPLIT_HOURS = 6;
/** The share of the conversations that is held out. */
export const HELD_OUT = 0.1;
export const TEMPLATE = '{name}: {text}';

/** Reads and tokenizes what is at `path`, in a folder that is deleted afterwards. */
export async function surveyData(path: string, show: Show): Promise<Survey> {
  if (!existsSync(path)) throw new UserError(`no file or folder "${path}"; --data names your chats as downloaded`);
  const dir = mkdtempSync(join(tmpdir(), 'runner-init-')); // only its owner may enter it
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  const onSignal = (): void => {
    remove(); // it holds the chats
    process.exit(130);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    return await surveyIn(dir, path, show);
  } finally {
    remove();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

// ---------------------------------------------------------------------------

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function surveyIn(dir: string, path: string, show: Show): Promise<Survey> {
  const [chats, tokens] = [join(dir, 'chats'), join(dir, 'tokens')];
  const emit =
    (what: string) =>
    (event: StageEvent): void => {
      if (event.kind === 'warning') show.warn(event.text);
      if (event.kind === 'progress') show.progress(what, 1e6 * event.done, 1e6 * event.total);
    };
  const format = await likelyFormat(path);
  const columns = format === 'csv' ? await likelyColumns(path) : null;
  // The readers explain what is wrong with a source of no known format, or with a mixed one.
  const params: { [key: string]: Json } = {
    source: path,
    splitAfterHours: SPLIT_HOURS,
    ...(columns ? { columns: { ...columns }, format: 'csv' } : {}),
  };
  await runStageHere({
    kind: 'ingest',
    params,
    sources: { source: path },
    outDir: chats,
    emit: emit('reading the chats'),
  });
  await runStageHere({
    kind: 'tokenize',
    params: { template: TEMPLATE, validation: HELD_OUT },
    inputs: { conversations: chats },
    outDir: tokens,
    emit: emit('tokenizing them'),
  });
  const report = JSON.parse(readFileSync(join(chats, CONVERSATIONS_REPORT_FILE), 'utf8')) as ConversationsReport;
  const { owner, people } = JSON.parse(readFileSync(join(chats, 'people.json'), 'utf8')) as Pick<
    Survey,
    'owner' | 'people'
  >;
  const { splits } = readTokensIndex(tokens);
  return {
    format: format!,
    columns,
    conversations: report.conversations,
    messages: report.messages,
    people,
    owner,
    timed: await hasTimes(join(chats, CONVERSATIONS_FILE)),
    tokens: { train: splits.train.tokens, heldOut: splits.validation.tokens },
  };
}

/** The columns of the first table, if their names are the usual ones. */
async function likelyColumns(path: string): Promise<Columns | null> {
  const { files } = await filesAt(path, ['.csv', '.tsv']);
  return files[0] ? headerOf(firstRow(await fileStart(files[0]))).guess : null;
}

/** Looks at the first conversation: an export has times everywhere or nowhere. */
async function hasTimes(path: string): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(path, 'utf8') });
  for await (const line of lines) {
    lines.close();
    return (JSON.parse(line) as Conversation).messages.some(({ time }) => time !== null);
  }
  return false;
}
