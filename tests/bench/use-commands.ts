import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../src/files/project-root.ts';
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
  /** tokens of the chat before it; after a slide, of what is left */
  history: number;
  hasSlid: boolean;
  /** tokens per second of the answer */
  speed: number;
}

const MESSAGE =
  'this is a message of about thirty tokens, as somebody might write it in the evening, about a day at work and what to cook';
/** Without output for so long, an answer has ended. */
const IDLE_MS = 1500;

/** Sends messages of 30 tokens to `runner chat` until there are so many turns with a long history, and three slides. */
export async function chatTurns(run: string, runs: string, wanted: number): Promise<ChatTurn[]> {
  const { encode } = gpt2Encoding();
  const child = start(['chat', run, '--temperature', '1'], runs);
  let [out, notes, last] = ['', '', 0];
  let first: number | null = null;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    last = performance.now();
    if (first === null && /^[^\n]*?: [^\n]/.test(out)) first = last;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (notes += text));
  const turns: ChatTurn[] = [];
  for (let history = 0; turns.length < wanted;) {
    [out, notes, first] = ['', '', null];
    const sent = performance.now();
    child.stdin!.write(`${MESSAGE}\n`);
    while (first === null || performance.now() - last < IDLE_MS) {
      if (child.exitCode !== null) throw new Error(`runner chat exited with ${child.exitCode}: ${notes}`);
      await sleep(5);
    }
    const tokens = encode(out).length;
    const hasSlid = /forgotten/.test(notes);
    turns.push({ seconds: (first - sent) / 1000, history, hasSlid, speed: (tokens * 1000) / (last - first) });
    history = hasSlid ? 768 : history + tokens + 35;
  }
  child.stdin!.end();
  await once(child, 'close');
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
