import { constants } from 'node:buffer';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/artifacts/checkpoint/checkpoint.ts';
import {
  CONVERSATIONS_FILE,
  CONVERSATIONS_REPORT_FILE,
  openConversationsWriter,
  readConversations,
  type Conversation,
  type ConversationsReport,
} from '../../src/artifacts/conversations.ts';
import { replaceFile } from '../../src/files/replace-file.ts';
import { readLines } from '../../src/files/lines.ts';
import { verifyTokens } from '../../src/artifacts/tokens/tokens.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Output } from './params.ts';

/**
 * Holds what a program wrote to what it was declared to be. Throws a StageInputError that says which file, and never
 * quotes what is in it.
 */
export async function checkMade(output: Output, dir: string): Promise<void> {
  const files = plainFiles(dir, '');
  if (files.length === 0)
    throw new StageInputError('the program wrote nothing into {out}', 'give {out} to it, as an argument or in env');
  try {
    await checks[output](dir);
  } catch (error) {
    if (error instanceof StageInputError) throw error;
    throw new StageInputError(`what the program wrote are no ${output}: ${(error as Error).message}`, HINT);
  }
}

// -----------------------------------------------------------------------------------------------------------

const HINT = 'src/artifacts/README.md describes every format';

const checks: Record<Output, (dir: string) => void | Promise<void>> = {
  files: () => {},
  conversations: finishConversations,
  tokens: verifyTokens,
  checkpoint(dir) {
    for (const which of ['final', 'best']) {
      if (!existsSync(join(dir, which))) throw missing(`${which}/`);
      openCheckpoint(join(dir, which), modelFormat).close();
    }
  },
  async samples(dir) {
    for await (const { number, value } of jsonLines(dir, 'samples.jsonl')) {
      const { prompt, text } = (value ?? {}) as { prompt?: unknown; text?: unknown };
      if (typeof prompt !== 'string' || typeof text !== 'string')
        throw new Error(`samples.jsonl:${number}: not {prompt, text, …}`);
    }
  },
  report(dir) {
    if (!existsSync(join(dir, 'report.json'))) throw missing('report.json');
    const report = parsed(readFileSync(join(dir, 'report.json'), 'utf8'), 'report.json');
    if (typeof report !== 'object' || report === null || Array.isArray(report))
      throw new Error('report.json: not an object');
  },
};

/** A link would point out of the sealed folder. */
function plainFiles(dir: string, below: string): string[] {
  return readdirSync(join(dir, below)).flatMap((name) => {
    const path = below ? `${below}/${name}` : name;
    const found = lstatSync(join(dir, path));
    if (found.isDirectory()) return plainFiles(dir, path);
    if (!found.isFile())
      throw new StageInputError(
        `the program left ${path} in {out}, which is no plain file`,
        'write the content itself, not a link to it',
      );
    return [path];
  });
}

/**
 * Writes them anew in the format's own bytes, so that another script that gives the same conversations gives the same
 * artifact; and counts them, where the program did not.
 */
async function finishConversations(dir: string): Promise<void> {
  if (!existsSync(join(dir, CONVERSATIONS_FILE))) throw missing(CONVERSATIONS_FILE);
  const reportPath = join(dir, CONVERSATIONS_REPORT_FILE);
  const ownReport = existsSync(reportPath) ? readFileSync(reportPath, 'utf8') : null;
  const writer = openConversationsWriter(dir);
  const people = new Set<string>();
  const report: ConversationsReport = {
    conversations: 0,
    messages: 0,
    people: 0,
    dropped: {},
    read: 0,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  };
  try {
    for await (const conversation of readConversations(dir)) {
      report.conversations++;
      checkConversation(conversation, report.conversations);
      report.messages += conversation.messages.length;
      for (const { from } of conversation.messages) if (from !== '') people.add(from);
      writer.append(conversation);
    }
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close({ ...report, people: people.size, read: report.messages });
  if (ownReport !== null) replaceFile(reportPath, ownReport);
}

function checkConversation({ messages }: Conversation, number: number): void {
  const at = `${CONVERSATIONS_FILE}:${number}`;
  if (messages.length === 0) throw new Error(`${at}: a conversation without messages`);
  const place = messages.findIndex(({ text }) => text.includes('\n'));
  if (place >= 0) throw new Error(`${at}: message ${place + 1} holds a line break; a space belongs in its place`);
  const empty = messages.findIndex(({ from, text }) => from !== '' && text === '');
  if (empty >= 0) throw new Error(`${at}: message ${empty + 1} has no text; leave it out`);
}

async function* jsonLines(dir: string, file: string): AsyncGenerator<{ number: number; value: unknown }> {
  if (!existsSync(join(dir, file))) throw missing(file);
  for await (const line of readLines(join(dir, file), { longestBytes: constants.MAX_STRING_LENGTH })) {
    if (line.kind === 'bad') throw new Error(`${file}:${line.number}: ${line.reason}`);
    yield { number: line.number, value: parsed(line.text, `${file}:${line.number}`) };
  }
}

/** Node's own message would quote the text. */
function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${at}: not JSON`);
  }
}

const missing = (file: string): StageInputError => new StageInputError(`the program left no ${file} in {out}`, HINT);
