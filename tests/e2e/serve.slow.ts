import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedRun } from '../kit/finished-run.ts';
import { startRunner } from '../kit/runner.ts';
import { eventually } from '../kit/temporary.ts';

test(
  'fifty clients at the same time each get the text that they get alone',
  { timeout: 1_200_000 },
  async (context) => {
    const { runs, dir } = await finishedRun(context);
    const started = startRunner(['serve', 'latest'], runs, { XDG_CONFIG_HOME: join(dir, 'config') });
    context.after(() => started.child.kill('SIGINT'));
    await eventually('the server is up', () => started.output().includes('/v1'), 120_000);
    const [, address, key] = /API +(\S+)\/v1 +key (\S+)/.exec(started.output())!;
    const ask = async (client: number): Promise<string> => {
      const response = await fetch(`${address}/v1/chat/completions`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          messages: [{ role: 'user', content: `letter ${client} about the sea` }],
          model: models[client % models.length],
          seed: client,
        }),
      });
      assert.equal(response.status, 200);
      const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
      return choices[0]!.message.content;
    };
    const listed = await fetch(`${address}/v1/models`, { headers: { Authorization: `Bearer ${key}` } });
    const models = ((await listed.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    const clients = Array.from({ length: 50 }, (_, client) => client);
    const together = await Promise.all(clients.map(ask));
    for (const client of clients) assert.equal(together[client], await ask(client), `client ${client}`);
    assert.ok(together.every((text) => text.trim() !== ''));
  },
);
