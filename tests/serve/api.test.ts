import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tokenizer } from '../chat/kit.ts';
import { KEY, startServer } from './kit.ts';

let served: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  served = await startServer();
});
after(() => served.server.close());

const post = (path: string, body: object, signal?: AbortSignal, address: string = served.address): Promise<Response> =>
  fetch(`${address}${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });

interface Chat {
  choices: { message: { content: string }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}
const chat = async (more: object): Promise<Chat> =>
  (await (await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }], ...more })).json()) as Chat;

/** The chunks of a stream, and whether it ended with [DONE]. */
async function chunksOf(response: Response): Promise<{ chunks: Record<string, never>[]; isDone: boolean }> {
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('data: '));
  const data = events.map((event) => event.slice('data: '.length));
  return {
    chunks: data.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text) as Record<string, never>),
    isDone: data.at(-1) === '[DONE]',
  };
}

test('the same seed gives the same answer, whole or in pieces, whoever else is asking', async () => {
  const whole = await chat({ seed: 5 });
  const others = Array.from({ length: 12 }, (_, i) =>
    chat({ seed: 100 + i, messages: [{ role: 'user', content: `m${i}` }] }),
  );
  const response = await post('/chat/completions', {
    messages: [{ role: 'user', content: 'hi' }],
    seed: 5,
    stream: true,
    stream_options: { include_usage: true },
  });
  const { chunks, isDone } = await chunksOf(response);
  await Promise.all(others);
  const streamed = chunks as unknown as {
    choices: { delta: { content?: string }; finish_reason: string | null }[];
    usage: unknown;
  }[];
  assert.equal(
    streamed.flatMap(({ choices }) => choices[0]?.delta.content ?? '').join(''),
    whole.choices[0]!.message.content,
  );
  assert.deepEqual(streamed.at(-1)!.usage, whole.usage);
  assert.equal(streamed.at(-2)!.choices[0]!.finish_reason, whole.choices[0]!.finish_reason);
  assert.ok(isDone);
  assert.notEqual((await chat({ seed: 6 })).choices[0]!.message.content, whole.choices[0]!.message.content);
});

test('max_tokens, max_completion_tokens and stop end an answer', async () => {
  for (const limit of ['max_tokens', 'max_completion_tokens']) {
    const { choices, usage } = await chat({ seed: 5, [limit]: 2 });
    assert.equal(choices[0]!.finish_reason, 'length');
    assert.ok(usage.completion_tokens <= 4, `${usage.completion_tokens}`);
  }
  const { content } = (await chat({ seed: 5 })).choices[0]!.message;
  const stop = content.slice(3, 5);
  const stopped = await chat({ seed: 5, stop });
  assert.equal(stopped.choices[0]!.message.content, content.slice(0, content.indexOf(stop)));
  assert.equal(stopped.choices[0]!.finish_reason, 'stop');
});

test('completions continue a text as it is; echo repeats it; ids are a prompt too', async () => {
  const asked = async (more: object) =>
    (await (await post('/v1/completions', { seed: 1, max_tokens: 5, ...more })).json()) as {
      choices: { text: string }[];
    };
  const plain = (await asked({ prompt: 'Ann: hello' })).choices[0]!.text;
  assert.equal((await asked({ prompt: ['Ann: hello'], echo: true })).choices[0]!.text, `Ann: hello${plain}`);
  const { chunks, isDone } = await chunksOf(
    await post('/v1/completions', { prompt: 'Ann: hello', seed: 1, max_tokens: 5, stream: true }),
  );
  assert.equal(
    (chunks as unknown as { choices: { text: string }[] }[]).map(({ choices }) => choices[0]!.text).join(''),
    plain,
  );
  assert.ok(isDone);
  assert.equal((await asked({ prompt: [50256, 37227] })).choices.length, 1);
});

test('a client that goes away frees its row within a token', async (context) => {
  const logits = new Float32Array(50257);
  logits[tokenizer.encode(' word')[0]!] = 50;
  const { server, address, steps } = await startServer(4, () => logits); // it never ends by itself
  context.after(() => server.close());
  const abort = new AbortController();
  const ask = (more: object, signal?: AbortSignal): Promise<Response> =>
    post('/v1/completions', { prompt: 'x', temperature: 0, ...more }, signal, address);
  const gone = Array.from({ length: 20 }, () => ask({ max_tokens: 500, stream: true }, abort.signal).catch(() => {}));
  while (steps() < 10) await sleep(5);
  abort.abort();
  await Promise.all(gone);
  await sleep(100); // the server hears of it
  const before = steps();
  await sleep(300);
  assert.equal(steps(), before, 'nobody writes on');
  assert.equal((await ask({ max_tokens: 2 })).status, 200);
});

test('models are people', async () => {
  const response = await fetch(`${served.address}/models`, { headers: { Authorization: `Bearer ${KEY}` } });
  const { data } = (await response.json()) as { data: { id: string; object: string }[] };
  assert.deepEqual(
    data.map(({ id, object }) => [id, object]),
    [
      ['ann@test', 'model'],
      ['bob@test', 'model'],
      ['eliza', 'model'],
    ],
  );
});

test('ELIZA hears the whole conversation each time', async () => {
  const say = async (...texts: string[]): Promise<string> => {
    const messages = texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }));
    return (await chat({ model: 'eliza', messages })).choices[0]!.message.content;
  };
  const first = await say('I am sad');
  assert.ok(first.length > 0);
  const second = await say('I am sad', first, 'I am sad');
  assert.notEqual(second, first, 'she varies her answers');
});
