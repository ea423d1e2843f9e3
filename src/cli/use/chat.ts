import { calledAs } from '../../files/called-as.ts';
import { createInterface } from 'node:readline';
import { openChat, type Chat, type ChatSettings } from '../../chat/chat.ts';
import { exchanges, type Exchanges } from '../../chat/exchanges.ts';
import { answer, type ChatInput } from '../../chat/input.ts';
import { CHAT_FORMAT, chatRecord, readRecord, type ChatHead, type ChatRecord } from '../../chat/record.ts';
import { RECITED_TOKENS } from '../../chat/recited.ts';
import { onlyRow } from '../../generation/row.ts';
import { counted } from '../../numbers/counted.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { editable, printable } from '../screen/printable.ts';
import { coloursFor } from '../screen/style.ts';
import { UsageError } from '../verb.ts';
import type { ChatArguments } from './chat-arguments.ts';
import { COMMANDS, typed, type Typed } from './chat-command.ts';
import { chatHealth, FEWEST_LINES, type ChatHealth } from './chat-health.ts';
import { chatPartners, known, ownerOf } from './chat-partners.ts';
import { openRecitation, type Recitation } from './recitation.ts';
import { findChats, withTalk, type Chats, type Talk } from './talk.ts';
import { typedLines } from './typed-lines.ts';

/** `runner chat RUN[/STAGE]`: a conversation in the terminal, or with the lines of standard input. */
export async function chat(args: ChatArguments): Promise<number> {
  if (args.model === 'eliza') return (await import('./chat-eliza.ts')).chatWithEliza(args);
  if (args.script !== null) throw new UsageError(`--script is for ${calledAs()} chat eliza`);
  const replayed = args.replay === null ? null : readRecord(args.replay);
  const chats = findChats(args.model);
  const settings = replayed?.head.settings ?? settingsFrom(args, chats);
  const start = replayed?.head.clock ?? args.clock;
  const startMs = startOf(start);
  const recite = args.recite || replayed?.head.recite === true;
  await withTalk(chats, 1, async (talk) => {
    const clock = talk.clockOf(settings, startMs);
    const { tokenizer, separator } = talk;
    const chat = await openChat(
      {
        row: onlyRow(talk.reader, talk.context),
        tokenizer,
        form: chats.form,
        ...talk.beginningOf(settings, clock.now()),
        separator,
        clock,
      },
      settings,
    );
    const model = `${chats.found.name}/${chats.found.stage}`;
    const head: ChatHead = {
      chat: CHAT_FORMAT,
      model,
      step: talk.step,
      settings: structuredClone(settings),
      clock: start,
      ...(recite ? { recite } : {}),
    };
    const dirs = chats.found.tokens.map(({ dir }) => dir);
    const recitation = recite ? openRecitation(dirs, { tokenizer, form: chats.form }) : null;
    const session: Session = {
      chat,
      record: chatRecord(head),
      names: chats.acquaintance.people.map(({ name }) => name),
      exchanges: exchanges(),
      health: () => chatHealth(session.exchanges.conversations(), chats.tokens, tokenizer),
      recitation,
    };
    if (args.save !== null) session.record.saveTo(args.save);
    console.error(greeting(talk, chats, settings));
    try {
      await hold(session, replayed?.inputs ?? null);
      closingHealth(session);
    } finally {
      recitation?.close();
    }
  });
  return 0;
}

// --- setting up ------------------------------------------------------------

function settingsFrom(args: ChatArguments, { acquaintance, trainedOn }: Chats): ChatSettings {
  return {
    ...chatPartners(acquaintance, { ...args, owner: ownerOf(trainedOn.conversations) }),
    others: args.group ? acquaintance.people.map(({ name }) => name) : [],
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
  record: ChatRecord;
  names: string[];
  exchanges: Exchanges;
  health(): ChatHealth;
  /** null: nobody asked */
  recitation: Recitation | null;
}

/** Below this, a person's way of writing is hardly in the model. */
const FEW_TOKENS = 5000;

function greeting({ about }: Talk, { acquaintance, form }: Chats, { user, person }: ChatSettings): string {
  const { dim, yellow } = coloursFor(process.stderr);
  const tokens = acquaintance.people.find(({ name }) => name === person)?.tokens ?? 0;
  const notes = [
    ...(tokens < FEW_TOKENS
      ? [`the model has read only ${counted(tokens, 'token')} of ${person}, too few to sound like them`]
      : []),
    ...(form.hasNames ? [] : ['the training text has no names, so the model answers with one line']),
  ];
  return [
    dim(`${about}; you are ${user}, the model is ${person}`),
    ...notes.map((note) => `${yellow('note')}  ${note}`),
    ...(process.stdin.isTTY ? [dim('/help lists the commands, Ctrl-D ends')] : []),
  ].join('\n');
}

// --- three ways to chat ----------------------------------------------------

function hold(session: Session, replayed: ChatInput[] | null): Promise<void> {
  if (replayed !== null) return replay(session, replayed);
  return process.stdin.isTTY && process.stdout.isTTY ? inTerminal(session) : throughPipe(session);
}

async function replay(session: Session, inputs: ChatInput[]): Promise<void> {
  for (const input of inputs) {
    if (input.kind === 'say' || input.kind === 'edit')
      for (const message of input.messages) console.log(`${session.chat.settings.user}: ${message}`);
    await printAnswer(session, input);
  }
}

/** Each line is a message or a command. Time passes as it usually does, so that the same input gives the same chat. */
async function throughPipe(session: Session): Promise<void> {
  for await (const line of createInterface({ input: process.stdin }))
    if (line.trim() !== '' && !(await act(session, typed(line, null)))) return;
}

/** Lines that were pasted together are several messages before one answer. */
async function inTerminal(session: Session): Promise<void> {
  const { chat } = session;
  const lines = createInterface({ input: process.stdin, output: editable(process.stdout), historySize: 100 });
  const keyboard = typedLines(lines);
  let isAnswering = false;
  let answeredMs = Date.now();
  lines.on('SIGINT', () => (isAnswering ? chat.stop() : lines.close()));
  for (;;) {
    lines.setPrompt(printable(`${chat.settings.user}: `));
    lines.prompt();
    const pasted = await keyboard.next();
    if (pasted === null) break;
    const seconds = (Date.now() - answeredMs) / 1000;
    isAnswering = true;
    const inputs = pasted.filter((line) => line.trim() !== '').map((line) => typed(line, seconds));
    for (const input of withMessagesJoined(inputs)) if (!(await act(session, input))) return lines.close();
    isAnswering = false;
    answeredMs = Date.now();
  }
}

// ---------------------------------------------------------------------------

function withMessagesJoined(inputs: Typed[]): Typed[] {
  const joined: Typed[] = [];
  for (const input of inputs) {
    const last = joined.at(-1);
    if (input.kind === 'say' && last?.kind === 'say') last.messages.push(...input.messages);
    else joined.push(input);
  }
  return joined;
}

/** Does what was typed; false if that ends the chat. */
async function act(session: Session, input: Typed): Promise<boolean> {
  if (input.kind === 'quit') return false;
  try {
    await actOn(session, input);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
  }
  return true;
}

async function actOn(session: Session, input: Exclude<Typed, { kind: 'quit' }>): Promise<void> {
  const { chat, record, names } = session;
  const { user, person } = chat.settings;
  switch (input.kind) {
    case 'wrong':
      return console.error(input.why);
    case 'help':
      for (const [form, about] of COMMANDS) console.error(`  ${form.padEnd(12)}  ${about}`);
      return;
    case 'health':
      return printHealth(session.health());
    case 'save':
      return record.saveTo(input.path);
    case 'as':
    case 'with': {
      const name = known(input.name, names);
      if (name === (input.kind === 'as' ? person : user)) throw new UserError(`${name} cannot talk with themselves`);
      await printAnswer(session, { kind: input.kind, name });
      return console.error(`you are ${chat.settings.user}, the model is ${chat.settings.person}`);
    }
    case 'say':
    case 'edit':
      input.messages.forEach(chat.check);
      return printAnswer(session, input);
    default:
      return printAnswer(session, input);
  }
}

/** Prints the answer as it is written. */
async function printAnswer({ chat, record, exchanges, recitation }: Session, input: ChatInput): Promise<void> {
  const { bold } = coloursFor(process.stdout);
  const { dim } = coloursFor(process.stderr);
  const lines: { from: string; text: string }[] = [];
  let from = '';
  record.input(input);
  exchanges.input(input, chat.settings.user);
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
        record.line(from, event.text);
        exchanges.line(from, event.text);
        lines.push({ from, text: event.text });
        break;
      case 'conversation-end':
        exchanges.conversationEnd();
        console.error(dim('(the conversation ended; your next message begins another)'));
    }
  }
  if (recitation !== null && lines.length > 0) {
    const tokens = recitation.longestIn(lines);
    record.recited(tokens);
    if (tokens >= RECITED_TOKENS) console.error(dim(`(${tokens} tokens in a row are from the training text)`));
  }
  const dropped = chat.takeDropped();
  if (dropped > 0) console.error(dim(`(${counted(dropped, 'oldest line')} forgotten: the model's context is full)`));
}

/** Says at the end of a chat how the model's lines compare, if there are enough, and real ones to compare them with. */
function closingHealth({ exchanges, health }: Session): void {
  const written = exchanges
    .conversations()
    .flat()
    .filter(({ isWritten }) => isWritten);
  if (written.length < FEWEST_LINES) return;
  const found = health();
  if ('lines' in found) printHealth(found);
}

function printHealth(found: ChatHealth): void {
  const { dim } = coloursFor(process.stderr);
  console.error('lines' in found ? found.lines.map(dim).join('\n') : found.why);
}
