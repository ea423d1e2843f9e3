import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChat } from '../../src/chat/chat.ts';
import { answer } from '../../src/chat/input.ts';
import { findChats, withTalk } from '../../src/cli/use/talk.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { onlyRow } from '../../src/generation/row.ts';
import { gpt2Encoding } from '../stages/model-kit.ts';

function start(args: string[], runs: string): ChildProcess {
  return spawn(process.execPath, [join(projectRoot(), 'dist', 'cli.js'), ...args], {
    env: { ...process.env, RUNNER_RUNS: runs, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** From the start of `runner sample` to the first character after the prompt. */
export async function secondsToFirstToken(run: string, runs: string, prompt: string): Promise<number> {
  const started = performance.now();
  const child = start(['sample', run, '--prompt', prompt, '--max-tokens', '8'], runs);
  let written = '';
  let seconds = NaN;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    if (Number.isNaN(seconds) && written.length > prompt.length) seconds = (performance.now() - started) / 1000;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`runner sample exited with ${code}`);
  return seconds;
}

export interface ChatTurn {
  /** from the message to the first character of the answer */
  seconds: number;
  /** tokens of the chat before it, including those that were dropped */
  history: number;
  hasSlid: boolean;
  /** tokens per second of the answer */
  speed: number;
}

const MESSAGE =
  'this is a message of about thirty tokens, as somebody might write it in the evening, about a day at work and what to cook';

/** An answer is stopped after so many pieces of text, about as many tokens. */
const ENOUGH = 60;

/** Sends messages of 30 tokens to a chat, as `runner chat` does. */
export async function chatTurns(run: string, runs: string, wanted: number): Promise<ChatTurn[]> {
  process.env['RUNNER_RUNS'] = runs;
  const { encode } = gpt2Encoding();
  const chats = findChats(run);
  const [person, user] = chats.acquaintance.people.map(({ name }) => name);
  const settings = {
    person: person!,
    user: user!,
    others: [],
    seed: 1337,
    drawing: { temperature: 1, topK: 0, topP: 1 },
  };
  const turns: ChatTurn[] = [];
  await withTalk(chats, 1, async (talk) => {
    const clock = talk.clockOf(settings, null);
    const { tokenizer, separator } = talk;
    const row = onlyRow(talk.reader, talk.context);
    const { form } = chats;
    const chat = await openChat(
      { row, tokenizer, form, ...talk.beginningOf(settings, clock.now()), separator, clock },
      settings,
    );
    let history = 0;
    const turn = async (messages: string[]): Promise<ChatTurn> => {
      const before = history;
      const sent = performance.now();
      let [first, pieces] = [NaN, 0];
      for await (const event of answer(chat, { kind: 'say', messages, seconds: 30 })) {
        if (event.kind !== 'text') continue;
        if (Number.isNaN(first)) first = performance.now();
        if (++pieces === ENOUGH) chat.stop();
        history += encode(event.text).length;
      }
      history += 35 * messages.length;
      return {
        seconds: (first - sent) / 1000,
        history: before,
        hasSlid: chat.takeDropped() > 0,
        speed: (pieces * 1000) / (performance.now() - first),
      };
    };
    await turn(Array.from({ length: 25 }, () => MESSAGE)); // a long history
    while (turns.length < wanted) turns.push(await turn([MESSAGE]));
  });
  return turns;
}

/** `runner serve`, and as many requests at a time as there are streams, each with a prompt of its own. */
export async function servedSpeed(
  run: string,
  runs: string,
  { streams, prompt, newTokens }: { streams: number; prompt: number; newTokens: number },
): Promise<{ speed(): Promise<number>; end(): void }> {
  const child = start(['serve', run], runs);
  let printed = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const api = (): RegExpExecArray | null => /API\s+(\S+)\s+key (\S+)/.exec(printed);
  while (api() === null) await sleep(50);
  const [, address, key] = api()!;
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const models = (await (await fetch(`${address}/models`, { headers })).json()) as { data: { id: string }[] };
  const ask = async (row: number): Promise<number> => {
    const body = {
      model: models.data[0]!.id,
      prompt: Array.from({ length: prompt }, (_, i) => ((row + 1) * 7919 * (i + 1)) % 50257),
      max_tokens: newTokens,
      temperature: 0.9,
      seed: row,
    };
    const response = await fetch(`${address}/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { usage?: { completion_tokens: number } };
    if (!answer.usage) throw new Error(JSON.stringify(answer));
    return answer.usage.completion_tokens;
  };
  const speed = async (): Promise<number> => {
    const started = performance.now();
    const tokens = await Promise.all(Array.from({ length: streams }, (_, row) => ask(row)));
    return (tokens.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - started);
  };
  await speed(); // compiles
  return { speed, end: () => child.kill('SIGTERM') };
}
