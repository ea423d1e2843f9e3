import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openConversationsWriter, type Conversation } from '../../src/artifacts/conversations.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { runStage } from '../stages/run-data-stage.ts';

const RUN = '20260102-120000-p-aaaa';
export const NAME = 'p-aaaa';
export const HOUR = 3_600_000;

/** Chats of Ann with Bob, and with Bob and Cy; each text occurs once. */
export const CONVERSATIONS: Conversation[] = Array.from({ length: 24 }, (_, c) => ({
  id: `chat-${c}`,
  messages: Array.from({ length: 8 }, (_, m) => ({
    from: ['Bob', 'Ann', c % 4 === 0 ? 'Cy' : 'Bob'][(m + c) % 3]!,
    time: 1.6e12 + c * 100 * HOUR + m * 60_000 + (m > 4 ? 7 * HOUR : 0),
    text: `m${c}.${m} ${'word '.repeat((m * 5 + c) % 7)}end`,
  })),
}));

export function writeConversations(dir: string, conversations: Conversation[], owner: string | null): void {
  mkdirSync(dir, { recursive: true });
  const writer = openConversationsWriter(dir);
  for (const conversation of conversations) writer.append(conversation);
  writer.close({
    conversations: conversations.length,
    messages: 0,
    people: 0,
    dropped: {},
    read: 0,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  });
  const counts = new Map<string, number>();
  for (const { messages } of conversations)
    for (const { from } of messages) counts.set(from, (counts.get(from) ?? 0) + 1);
  const people = [...counts].map(([name, messages]) => ({ name, messages }));
  writeFileSync(join(dir, 'people.json'), JSON.stringify({ owner, people }));
}

interface MadeStages {
  conversations?: Conversation[];
  owner?: string | null;
  /** stage → params */
  tokenize?: Record<string, Record<string, unknown>>;
}

/** A run with a stage `chat` of conversations and the given `tokenize` stages, made by the real kind. */
export async function ran(context: TestContext, made: MadeStages = {}) {
  const { conversations = CONVERSATIONS, owner = 'Ann', tokenize = {} } = made;
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const run = makeRun(runs, {
    run: RUN,
    stages: {
      chat: { kind: 'ingest' },
      ...Object.fromEntries(
        Object.entries(tokenize).map(([name, params]) => [
          name,
          { kind: 'tokenize', params, inputs: { conversations: 'chat' } },
        ]),
      ),
    },
    results: [{ name: 'chat', kind: 'ingest' }, ...Object.keys(tokenize).map((name) => ({ name, kind: 'tokenize' }))],
  });
  const chat = join(run, 'stages', 'chat');
  writeConversations(chat, conversations, owner);
  for (const [name, params] of Object.entries(tokenize)) {
    const { outDir } = await runStage('tokenize', dir, { params, inputs: { conversations: chat } });
    symlinkSync(outDir, join(run, 'stages', name));
  }
  const out = join(dir, 'out', 'my chat');
  const see = async (...args: string[]) => {
    const { code, stdout, stderr } = await runRunner(['export', ...args], runs);
    // A slow machine sees progress.
    const output = (stdout + stderr).replace(/^exporting .*\n/gm, '').replaceAll(dir, 'DIR');
    return { code, stdout, output };
  };
  return { dir, chat, stages: join(run, 'stages'), out, see };
}
