import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { KEY, startServer } from './kit.ts';

let served: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  served = await startServer();
});
after(() => served.server.close());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** Unlike fetch, sends any Host and Origin. */
const ask = (path: string, headers: Record<string, string> = {}, { method = 'GET', body = '' } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(`${served.address}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });

const bearer = { Authorization: `Bearer ${KEY}` };
const json = { ...bearer, 'Content-Type': 'application/json' };

test('only programs with the key, under our own address, get an answer', async () => {
  const { port } = served.server;
  const statusOf = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status;
  assert.equal(await statusOf('/v1/models'), 401);
  assert.equal(await statusOf('/v1/models', { Authorization: 'Bearer wrong' }), 401);
  assert.equal(await statusOf(`/v1/models?key=${KEY}`), 401);
  assert.equal(await statusOf('/v1/models', bearer), 200);
  assert.equal(await statusOf('/v1/models', { ...bearer, Host: `localhost:${port}` }), 200);
  for (const Host of ['evil', `localhost.evil.com:${port}`, `127.0.0.1.evil.com:${port}`, '127.0.0.1', `[::1]:${port}`])
    assert.equal(await statusOf('/v1/models', { ...bearer, Host }), 421, Host);
  assert.equal(await statusOf('/', { Host: 'evil' }), 421);
  for (const Origin of ['http://evil', 'null', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port}.evil.com`])
    assert.equal(await statusOf('/v1/models', { ...bearer, Origin }), 403, Origin);
  assert.equal(await statusOf('/v1/models', { ...bearer, Origin: `http://127.0.0.1:${port}` }), 200);
  for (const site of ['cross-site', 'same-site'])
    assert.equal(await statusOf('/v1/models', { ...bearer, 'Sec-Fetch-Site': site }), 403);
  for (const method of ['PUT', 'OPTIONS', 'DELETE'])
    assert.equal(await statusOf('/v1/models', bearer, { method }), 405);
  const post = { method: 'POST', body: '{}' };
  assert.equal(await statusOf('/v1/completions', { ...bearer, 'Content-Type': 'text/plain' }, post), 415);
  assert.equal(await statusOf('/v1/completions', json, { method: 'POST', body: '{' }), 400);
  assert.equal(await statusOf('/v1/completions', json, { method: 'POST', body: `"${'x'.repeat(1 << 20)}"` }), 413);
});

test('the page needs no key, and no answer allows other pages anything', async () => {
  const page = await ask('/');
  assert.equal(page.status, 200);
  assert.match(
    String(page.headers['content-security-policy']),
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  assert.doesNotMatch(page.text, /Ann|Bob/, 'the page holds no data');
  for (const { headers } of [page, await ask('/v1/models'), await ask('/v1/models', bearer), await ask('/x', bearer)]) {
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control')),
      [],
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('the log has paths and status, and nothing that was said', async () => {
  served.log.length = 0;
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'xyzzy' }], max_tokens: 3 });
  await ask('/v1/chat/completions?secret=plugh', json, { method: 'POST', body });
  assert.deepEqual(served.log, ['POST /v1/chat/completions 200']);
});

test('errors have the shape that clients of OpenAI expect', async () => {
  const faults: [object | string, number, string | null][] = [
    [{ messages: [] }, 400, 'messages'],
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 400, 'messages.0.role'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 400, 'messages.0.content.0'],
    [{ messages: [{ role: 'system', content: 'x' }] }, 400, 'messages'],
    [{ messages: [{ role: 'user', content: 'x', name: 'A\nB' }] }, 400, 'messages.0.name'],
    [{ messages: [{ role: 'user', content: 'word '.repeat(600) }], stream: true }, 400, null],
    [{ messages: [{ role: 'user', content: 'x' }], n: 2 }, 400, 'n'],
    [{ messages: [{ role: 'user', content: 'x' }], tools: [{}] }, 400, 'tools'],
    [{ messages: [{ role: 'user', content: 'x' }], temperature: 'hot' }, 400, 'temperature'],
    [{ messages: [{ role: 'user', content: 'x' }], model: 'anne@test' }, 404, 'model'],
  ];
  for (const [body, status, param] of faults) {
    const answer = await ask('/v1/chat/completions', json, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(answer.status, status, answer.text);
    const { error } = JSON.parse(answer.text) as { error: Record<string, unknown> };
    assert.deepEqual([Object.keys(error).sort(), error['param']], [['code', 'message', 'param', 'type'], param]);
  }
  const long = JSON.stringify({ prompt: 'word '.repeat(600) });
  const answer = await ask('/v1/completions', json, { method: 'POST', body: long });
  assert.match(answer.text, /has 60\d tokens, but the model's context is 512.*context_length_exceeded/);
});
