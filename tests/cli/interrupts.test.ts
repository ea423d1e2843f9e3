import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { watchInterrupts } from '../../src/cli/run/interrupts.ts';

function watch(context: TestContext) {
  const said: string[] = [];
  const interrupts = watchInterrupts((text) => said.push(text));
  context.after(() => interrupts.close());
  const send = (signal: NodeJS.Signals): void => void process.emit(signal, signal);
  return { interrupts, send, said, asked: () => [interrupts.stop.aborted, interrupts.kill.aborted] };
}

/** Longer than two signals of one key press are apart. */
const aWhile = (): Promise<void> => sleep(100);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`the first ${signal} stops, and so does the same signal again within milliseconds`, (context) => {
    const { send, asked } = watch(context);
    send(signal);
    send(signal);
    assert.deepEqual(asked(), [true, false]);
  });

test('a second Ctrl-C kills, and says that unsaved work is lost', async (context) => {
  const { send, asked, said } = watch(context);
  send('SIGINT');
  await aWhile();
  send('SIGINT');
  assert.deepEqual(asked(), [true, true]);
  assert.deepEqual(said, [
    'stopping: running stages save their state first; press Ctrl-C again to kill them at once',
    'killing the running stages: what they have not saved is lost',
  ]);
});

test('a session that closes sends SIGHUP and SIGTERM; nobody asked to kill', async (context) => {
  const { send, asked } = watch(context);
  for (const signal of ['SIGHUP', 'SIGHUP', 'SIGTERM'] as const) {
    send(signal);
    await aWhile();
  }
  assert.deepEqual(asked(), [true, false]);
  send('SIGINT');
  assert.deepEqual(asked(), [true, true], 'a person can still kill');
});
