import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { KEY, startServer } from './kit.ts';

let served: Awaited<ReturnType<typeof startServer>>;
let client: OpenAI;
before(async () => {
  served = await startServer();
  client = new OpenAI({ baseURL: `${served.address}/v1`, apiKey: KEY, maxRetries: 0 });
});
after(() => served.server.close());

const messages = [
  { role: 'system' as const, content: 'You are helpful.' },
  { role: 'user' as const, content: [{ type: 'text' as const, text: 'hello' }] },
];

test("OpenAI's own client lists models, chats and completes, whole and streamed", async () => {
  const models = (await client.models.list()).data.map(({ id }) => id);
  assert.deepEqual(models, ['ann@test', 'bob@test', 'eliza']);
  assert.equal((await client.models.retrieve('bob@test')).id, 'bob@test');
  const whole = await client.chat.completions.create({
    model: 'ann@test',
    messages,
    seed: 3,
    max_completion_tokens: 30,
  });
  const stream = await client.chat.completions.create({
    model: 'ann@test',
    messages,
    seed: 3,
    max_completion_tokens: 30,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: unknown;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0]!.message.content);
  assert.deepEqual(usage, whole.usage);
  const completion = await client.completions.create({ model: 'ann@test', prompt: 'Ann:', max_tokens: 4, seed: 1 });
  assert.ok(completion.usage!.completion_tokens <= 4);
});

test('errors arrive as the classes of the client', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'nobody', messages }),
    (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found',
  );
  await assert.rejects(
    client.chat.completions.create({ model: 'ann@test', messages, n: 2 }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === 'n',
  );
  const stranger = new OpenAI({ baseURL: `${served.address}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});
