import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import type { ChatLine } from '../../src/chat/exchanges.ts';
import { chatHealth } from '../../src/cli/use/chat-health.ts';
import { finishedRun } from '../kit/finished-run.ts';
import { startRunner } from '../kit/runner.ts';
import { gpt2Encoding, temporaryFolder } from '../stages/model-kit.ts';
import { runStage } from '../stages/run-data-stage.ts';

test(
  'at its end, a chat compares what the model wrote with held-out lines, on standard error only',
  { timeout: 120_000 },
  async (context) => {
    const { runs } = await finishedRun(context);
    const chat = (input: string) =>
      startRunner(['chat', 'latest', '--as', 'Mira', '--with', 'Bo'], runs, {}, input).ended;
    const few = await chat('tea\n');
    assert.equal(few.code, 0, few.stderr);
    assert.doesNotMatch(few.stderr, /held-out|median/);
    const enough = await chat('tea\n/self 12\n/quit\n');
    assert.equal(enough.code, 0, enough.stderr);
    assert.match(
      enough.stderr,
      /what the model wrote, beside held-out lines of the same 2 people \(validation split\); !: they part\n +generated +held out\n +lines +1\d +\d+\n +empty +0.0 % +0.0 %\n +repeated .*\n +over-long .*\n +copied .*\n +with 3 or more emoji .*\n +median length/,
    );
    assert.ok(enough.stdout.startsWith(few.stdout));
    assert.match(enough.stdout, /^((Bo|Mira): .*\n)+$/);
    const asked = await chat('/health\ntea\n/health\n');
    assert.match(
      asked.stderr,
      /the model has not written anything yet\n[^]*what the model wrote, beside .* same 1 person /,
    );
    assert.equal(asked.stdout, few.stdout, '/health changes nothing');
  },
);

// ---------------------------------------------------------------------------

const folder = temporaryFolder();
after(folder.remove);

/** Conversations of Ann with Ben or Cleo, half of which are held out. */
async function tokensOf(name: string, params: object) {
  const dir = join(folder.dir, `${name}-conversations`);
  mkdirSync(dir, { recursive: true });
  const lines = Array.from({ length: 80 }, (_, i) => {
    const messages = Array.from({ length: 30 }, (__, j) => ({
      from: j % 2 === 0 ? 'Ann' : ['Ben', 'Cleo'][i % 2]!,
      time: 1_600_000_000_000 + i * 1_000_000 + j * 1000,
      text: `${'tea '.repeat(1 + ((i + j) % 5))}${i} ${j}`,
    }));
    return `${JSON.stringify({ id: `c${i}`, messages })}\n`;
  });
  writeFileSync(join(dir, 'conversations.jsonl'), lines.join(''));
  const given = { template: '{name}: {text}', validation: 0.4, test: 0, leaks: 'allow', ...params };
  const { outDir } = await runStage('tokenize', join(folder.dir, name), {
    inputs: { conversations: dir },
    params: given,
  });
  return openTokens(outDir);
}

const written = (...texts: string[]): ChatLine[] => texts.map((text) => ({ from: 'Ann', text, isWritten: true }));
const asked = (text: string): ChatLine => ({ from: 'Ben', text, isWritten: false });

test('the lines of the same people count, those of others are what was there before', async () => {
  const tokens = await tokensOf('both', { test: 0.3 });
  const linesFor = (chat: ChatLine[][]): string => {
    const health = chatHealth(chat, tokens, gpt2Encoding());
    return 'lines' in health ? health.lines.join('\n') : health.why;
  };
  const held = tokens.split('test').documents;
  const heldOut = (text: string): number => Number(/\n +lines +\d+ +(\d+)/.exec(text)![1]!);
  const ann = linesFor([[asked('tea'), ...written('tea tea 1', 'tea 2', 'tea tea tea 3')]]);
  assert.match(ann, /same 1 person \(test split\)/);
  assert.equal(heldOut(ann), 15 * held, 'Ann speaks in each of them');
  assert.doesNotMatch(ann, / !$/m);
  const ben = heldOut(linesFor([written('tea').map((line) => ({ ...line, from: 'Ben' }))]));
  const both = heldOut(linesFor([[...written('tea'), { from: 'Ben', text: 'tea', isWritten: true }]]));
  assert.ok(ben > 0 && ben < 15 * held && ben % 15 === 0, `${ben}`);
  assert.equal(both, 15 * held + ben);
  const copied = 'what a lovely day it is today';
  const parrot = linesFor([
    Array.from({ length: 6 }, (_, i) => [asked(`${copied} ${i}`), ...written(`${copied} ${i}`)]).flat(),
  ]);
  assert.match(parrot, /\n +copied from the prompt +100.0 % +0.0 % +!/);
  assert.match(linesFor([written('tea', 'tea', 'tea', 'tea')]), /\n +repeated +75.0 % +0.0 % +!/);
  assert.match(
    linesFor([written('tea').map((line) => ({ ...line, from: 'Zed' }))]),
    /no held-out lines are by those whom the model wrote as/,
  );
  assert.doesNotMatch(`${ann}${parrot}`, /Ann|Ben|tea/);
  tokens.close();
});

test('says nothing without held-out conversations', async () => {
  for (const [name, params] of Object.entries({ none: { validation: 0 }, shape: { template: '{name}{text}' } })) {
    const tokens = await tokensOf(name, params);
    assert.deepEqual(chatHealth([written('tea')], tokens, gpt2Encoding()), {
      why: 'no conversations were held out of training, so there is nothing to compare with',
    });
    tokens.close();
  }
});

test('lines without names are everybody’s', async () => {
  const tokens = await tokensOf('nameless', { template: '{text}' });
  const health = chatHealth([written('tea', 'tea tea')], tokens, gpt2Encoding());
  assert.match(
    'lines' in health ? health.lines.join('\n') : '',
    new RegExp(`\n +lines +2 +${30 * tokens.split('validation').documents}\\b`),
  );
  tokens.close();
});
