import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { openTokens } from '../../artifacts/tokens/tokens.ts';
import { openChat, type Chat, type ChatSettings } from '../../chat/chat.ts';
import { clockAfter } from '../../chat/clock.ts';
import { answer, type ChatInput } from '../../chat/input.ts';
import type { LineForm } from '../../chat/line-form.ts';
import { acquaint, type Acquaintance } from '../../chat/people.ts';
import { beginRecord, readRecord, type ChatHead, type ChatRecord } from '../../chat/record.ts';
import { engineChoice, openEngine } from '../../engine/open-engine.ts';
import { cachedReader, cacheLengths } from '../../generation/cached-reader.ts';
import { onlyRow } from '../../generation/row.ts';
import { counted } from '../../numbers/counted.ts';
import { findModel, type FoundModel, type TrainedOn } from '../find/find-model.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { runsDirectory } from '../runs-directory.ts';
import { editable, printable } from '../screen/printable.ts';
import { coloursFor } from '../screen/style.ts';
import { UsageError } from '../verb.ts';
import type { ChatArguments } from './chat-arguments.ts';
import { COMMANDS, typed } from './chat-command.ts';
import { formOf, headerText } from './chat-setup.ts';
import { chatPartners, known, ownerOf } from './chat-partners.ts';
import { openModel, type OpenModel } from './open-model.ts';

/** `runner chat RUN[/STAGE]`: a conversation in the terminal, or with the lines of standard input. */
export async function chat(args: ChatArguments): Promise<number> {
  if (args.model === 'eliza') return (await import('./chat-eliza.ts')).chatWithEliza(args);
  if (args.script !== null) throw new UsageError('--script is for ./runner chat eliza');
  const found = findModel(runsDirectory(), args.model);
  const [trainedOn] = found.tokens;
  if (!trainedOn)
    throw new UsageError(
      `the tokens that ${found.run}/${found.stage} was trained on are gone, so nobody's name is known`,
    );
  const replayed = args.replay === null ? null : readRecord(args.replay);
  const reader = openTokens(trainedOn.dir);
  const acquaintance = acquaint(reader);
  const form = formOf(reader.index.template);
  const settings = replayed?.head.settings ?? settingsFrom(args, acquaintance, trainedOn);
  await prepareEngine((text) => console.error(text));
  const opened = openModel(found, 'best');
  const head: ChatHead = {
    chat: 'chat-runner/chat/1',
    model: `${found.run}/${found.stage}`,
    step: opened.step,
    settings: structuredClone(settings),
    clock: replayed?.head.clock ?? args.clock,
  };
  const engine = await openEngine({ ...engineChoice('tensorflow', 'fp32'), wideVectors: true });
  try {
    const { model, read, tokenizer } = opened;
    const { context } = model.config;
    const lengths = cacheLengths(model, 1, context);
    const row = onlyRow(cachedReader({ engine, model, read, rows: 1, precision: 'fp32', lengths }), context);
    const latest = acquaintance.latestBetween(settings.user, settings.person, tokenizer);
    const clock = clockAfter(latest, startOf(head.clock));
    const separator = reader.index.ending === 'separator' ? reader.index.separator : null;
    const headerIds = tokenizer.encode(headerText(trainedOn, settings, clock.now()));
    const opening = [reader.index.separator, ...headerIds];
    const chat = await openChat(
      { row, tokenizer, form, opening, pinned: headerIds.length > 0 ? opening : [], separator, clock },
      settings,
    );
    const session = { chat, names: acquaintance.people.map(({ name }) => name), form, head, args };
    console.error(greeting(session, found, opened, acquaintance));
    if (replayed) await replay(session, replayed.inputs);
    else if (process.stdin.isTTY && process.stdout.isTTY) await inTerminal(session);
    else await throughPipe(session);
  } finally {
    engine.close();
    opened.close();
    reader.close();
  }
  return 0;
}

// --- setting up ------------------------------------------------------------

function settingsFrom(args: ChatArguments, acquaintance: Acquaintance, trainedOn: TrainedOn): ChatSettings {
  const partners = chatPartners(acquaintance, { ...args, owner: ownerOf(trainedOn.conversations) });
  const others = acquaintance.people
    .map(({ name }) => name)
    .filter((name) => name !== partners.user && name !== partners.person);
  return {
    ...partners,
    others: args.group ? others : [],
    seed: args.seed ?? 1337,
    drawing: { temperature: args.temperature ?? 0.9, topK: args.topK ?? 0, topP: args.topP ?? 1 },
  };
}

function startOf(clock: string | null): number | null {
  if (clock === null) return null;
  const time = Date.parse(clock);
  if (Number.isNaN(time)) throw new UsageError(`--clock takes a time such as 2026-05-04T17:30Z, not "${clock}"`);
  return time;
}

interface Session {
  chat: Chat;
  names: string[];
  form: LineForm;
  head: ChatHead;
  args: ChatArguments;
}

/** Below this, a person's way of writing is hardly in the model. */
const FEW_TOKENS = 5000;

function greeting(
  { chat, form }: Session,
  found: FoundModel,
  { step, weights }: OpenModel,
  { people }: Acquaintance,
): string {
  const { dim, yellow } = coloursFor(process.stderr);
  const { user, person } = chat.settings;
  const tokens = people.find(({ name }) => name === person)?.tokens ?? 0;
  return [
    dim(
      `${found.run}/${found.stage}: ${weights} weights, ${counted(step, 'step')}; you are ${user}, the model is ${person}`,
    ),
    ...(tokens < FEW_TOKENS
      ? [
          `${yellow('note')}  the model has read only ${counted(tokens, 'token')} of ${person}, too few to sound like them`,
        ]
      : []),
    ...(form.hasNames ? [] : [`${yellow('note')}  the training text has no names, so the model answers with one line`]),
    ...(process.stdin.isTTY ? [dim('/help lists the commands, Ctrl-D ends')] : []),
  ].join('\n');
}

// --- three ways to chat ----------------------------------------------------

/** Prints the answer as it is written. */
async function printAnswer({ chat }: Session, input: ChatInput, record: ChatRecord | null): Promise<void> {
  const { bold, dim } = coloursFor(process.stdout);
  let from = '';
  record?.input(input);
  for await (const event of answer(chat, input)) {
    switch (event.kind) {
      case 'line':
        ({ from } = event);
        process.stdout.write(`${bold(`${from}:`)} `);
        break;
      case 'text':
        process.stdout.write(event.text);
        break;
      case 'line-end':
        process.stdout.write('\n');
        record?.line(from, event.text);
        break;
      case 'conversation-end':
        console.error(dim('(the conversation ended; your next message begins another)'));
    }
  }
  const dropped = chat.takeDropped();
  if (dropped > 0) console.error(dim(`(${counted(dropped, 'oldest line')} forgotten: the model's context is full)`));
}

async function replay(session: Session, inputs: ChatInput[]): Promise<void> {
  for (const input of inputs) {
    if (input.kind === 'say' || input.kind === 'edit')
      for (const message of input.messages) console.log(`${session.chat.settings.user}: ${message}`);
    await printAnswer(session, input, null);
  }
}

/** Each line is a message or a command. Time passes as it usually does, so that the same input gives the same chat. */
async function throughPipe(session: Session): Promise<void> {
  let record = session.args.save === null ? null : beginRecord(session.args.save, session.head);
  const lines = (await readAll(process.stdin)).split(/\r?\n/);
  for (const line of lines) {
    if (line.trim() === '') continue;
    const input = typed(line, null, (name) => known(name, session.names));
    if (input.kind === 'quit') return;
    record = (await act(session, input, record)) ?? record;
  }
}

/** Does what was typed. Returns the new record, if it was to begin one. */
async function act(
  session: Session,
  input: ReturnType<typeof typed>,
  record: ChatRecord | null,
): Promise<ChatRecord | null> {
  switch (input.kind) {
    case 'wrong':
      console.error(input.why);
      return null;
    case 'help':
      for (const [form, about] of COMMANDS) console.error(`  ${form.padEnd(12)}  ${about}`);
      return null;
    case 'quit':
      return null;
    case 'save':
      try {
        return beginRecord(input.path, session.head);
      } catch (error) {
        console.error((error as Error).message);
        return null;
      }
    case 'say':
    case 'edit':
      try {
        input.messages.forEach(session.chat.check);
      } catch (error) {
        console.error((error as Error).message);
        return null;
      }
      await printAnswer(session, input, record);
      return null;
    default:
      await printAnswer(session, input, record);
      if (input.kind === 'as' || input.kind === 'with')
        console.error(`you are ${session.chat.settings.user}, the model is ${session.chat.settings.person}`);
      return null;
  }
}

/** Lines that arrive within this time were pasted together: they are several messages before one answer. */
const PASTE_MS = 30;

async function inTerminal(session: Session): Promise<void> {
  let record = session.args.save === null ? null : beginRecord(session.args.save, session.head);
  const { chat } = session;
  const lines = createInterface({ input: process.stdin, output: editable(process.stdout), historySize: 100 });
  let answering = false;
  let answeredMs = Date.now();
  lines.on('SIGINT', () => (answering ? chat.stop() : lines.close()));
  const waiting: string[] = [];
  const next = (): Promise<string[] | null> =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const gather = (line: string): void => {
        waiting.push(line);
        clearTimeout(timer);
        timer = setTimeout(() => done(waiting.splice(0)), PASTE_MS);
      };
      const done = (value: string[] | null): void => {
        lines.off('line', gather).off('close', close);
        resolve(value);
      };
      const close = (): void => done(waiting.length > 0 ? waiting.splice(0) : null);
      lines.on('line', gather).on('close', close);
      lines.setPrompt(printable(`${chat.settings.user}: `));
      lines.prompt();
    });
  for (let gathered = await next(); gathered !== null; gathered = await next()) {
    const seconds = (Date.now() - answeredMs) / 1000;
    const [first = '', ...more] = gathered.filter((line) => line.trim() !== '');
    if (first === '') continue;
    const input = typed(first, seconds, (name) => known(name, session.names));
    if (input.kind === 'quit') break;
    if (input.kind === 'say' || input.kind === 'edit') input.messages.push(...more);
    answering = true;
    record = (await act(session, input, record)) ?? record;
    answering = false;
    answeredMs = Date.now();
  }
  lines.close();
}
