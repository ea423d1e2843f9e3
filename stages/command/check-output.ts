import { constants } from 'node:buffer';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Output } from './params.ts';

/**
 * Checks that a program's output has the declared format. Throws a StageInputError that names the file but never quotes
 * its content.
 */
export async function checkOutput(output: Output, dir: string): Promise<void> {
  const files = plainFiles(dir);
  if (files.length === 0)
    throw new StageInputError('the program wrote nothing to {out}', 'pass {out} to it as an argument or in env');
  try {
    await checks[output](dir);
  } catch (error) {
    if (error instanceof StageInputError) throw error;
    throw new StageInputError(`the program's output is not valid as ${output}: ${(error as Error).message}`, HINT);
  }
}

/**
 * Throws for anything but files and folders, {out} itself included: a link would point outside the sealed artifact,
 * where its content can still change.
 */
export function plainFiles(dir: string): string[] {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return filesBelow(dir, '');
  throw new StageInputError(
    found ? 'the program replaced {out} by something that is not a folder' : 'the program removed {out}',
    'write into the folder and leave the folder itself in place',
  );
}

// -----------------------------------------------------------------------------------------------------------

function filesBelow(dir: string, below: string): string[] {
  return readdirSync(join(dir, below)).flatMap((name) => {
    const path = below ? `${below}/${name}` : name;
    const stats = lstatSync(join(dir, path), { throwIfNoEntry: false });
    if (!stats)
      throw new StageInputError(
        `${below ? `a name in ${below} in {out}` : 'a name in {out}'} is not UTF-8`,
        'let the program choose a name in UTF-8',
      );
    if (stats.isDirectory()) return filesBelow(dir, path);
    if (!stats.isFile())
      throw new StageInputError(
        `${path} in {out} is not a regular file`,
        'the program must write the content itself, not a link to it',
      );
    return [path];
  });
}

const HINT = 'every format is described in src/artifacts/README.md';

const checks: Record<Output, (dir: string) => void | Promise<void>> = {
  files: () => {},
  conversations: finishConversations,
  // Few programs write tokens or a model, and loading what checks them takes as long as a small program.
  tokens: async (dir) => (await import('../../src/artifacts/tokens/tokens.ts')).verifyTokens(dir),
  async checkpoint(dir) {
    const { openCheckpoint } = await import('../../src/artifacts/checkpoint/checkpoint.ts');
    const { modelFormat } = await import('../../src/lm/model/layouts.ts');
    for (const weights of ['final', 'best']) {
      if (!existsSync(join(dir, weights))) throw missing(`${weights}/`);
      openCheckpoint(join(dir, weights), modelFormat).close();
    }
  },
  async samples(dir) {
    for await (const { number, value } of jsonLines(dir, 'samples.jsonl')) {
      const { prompt, text } = (value ?? {}) as { prompt?: unknown; text?: unknown };
      if (typeof prompt !== 'string' || typeof text !== 'string')
        throw new Error(`samples.jsonl:${number}: not {prompt, text, …}`);
    }
  },
  questions: async (dir) => void (await import('../../src/artifacts/questions.ts')).readBlindTest(dir),
  report(dir) {
    if (!existsSync(join(dir, 'report.json'))) throw missing('report.json');
    const report = parsed(readFileSync(join(dir, 'report.json'), 'utf8'), 'report.json');
    if (typeof report !== 'object' || report === null || Array.isArray(report))
      throw new Error('report.json: not an object');
  },
};

/**
 * Rewrites the conversations in our canonical form, so that two scripts that write the same conversations make the same
 * artifact. Counts them if the program left no report.
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
  const location = `${CONVERSATIONS_FILE}:${number}`;
  if (messages.length === 0) throw new Error(`${location}: the conversation has no messages`);
  const broken = messages.findIndex(({ text }) => text.includes('\n'));
  if (broken >= 0) throw new Error(`${location}: message ${broken + 1} contains a line break; use a space instead`);
  const empty = messages.findIndex(({ from, text }) => from !== '' && text === '');
  if (empty >= 0) throw new Error(`${location}: message ${empty + 1} has no text; leave it out`);
}

async function* jsonLines(dir: string, file: string): AsyncGenerator<{ number: number; value: unknown }> {
  if (!existsSync(join(dir, file))) throw missing(file);
  for await (const line of readLines(join(dir, file), { longestBytes: constants.MAX_STRING_LENGTH })) {
    if (line.kind === 'bad') throw new Error(`${file}:${line.number}: ${line.reason}`);
    yield { number: line.number, value: parsed(line.text, `${file}:${line.number}`) };
  }
}

/** JSON.parse with an error that does not quote the text. */
function parsed(text: string, location: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${location}: not JSON`);
  }
}

const missing = (file: string): StageInputError => new StageInputError(`the program wrote no ${file} to {out}`, HINT);
