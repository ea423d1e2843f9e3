import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { SampleRecord } from '../../src/generation/texts.ts';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import { readConversation } from '../../src/held-out/conversation.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { contract as sample } from '../../stages/sample/contract.ts';
import { healthSection } from '../../stages/sample/health.ts';
import type { SaidLine } from '../../src/held-out/written-lines.ts';
import { realText, sampledTexts } from '../../stages/sample/health-texts.ts';
import { openHeldOut, type HeldOut } from '../../stages/sample/held-out.ts';
import { params as sampleParams, type Params } from '../../stages/sample/params.ts';
import { writeWeights } from '../kit/write-model.ts';
import { digestsOf, gpt2Encoding, runStage as runKind, temporaryFolder } from './model-kit.ts';
import { runStage } from './run-data-stage.ts';

const folder = temporaryFolder();
const WORDS = 'tea boats rain and the sea a letter home again maybe soon'.split(' ');
const model = { vocabularySize: 50257, context: 24, layers: 1, heads: 2, width: 8 };

/** Conversations of three people; no line is another one's. */
async function tokensOf(name: string, count: number, params: object = {}): Promise<string> {
  const dir = join(folder.dir, `${name}-conversations`);
  mkdirSync(dir, { recursive: true });
  const lines = Array.from({ length: count }, (_, i) => {
    const messages = Array.from({ length: 8 }, (__, j) => ({
      from: [
        ['Ann', 'Ben'],
        ['Ann', 'Cleo'],
      ][i % 2]![j % 2]!,
      time: 1_600_000_000_000 + i * 1_000_000 + j * 1000,
      text: `${WORDS[(i + j) % 12]} ${WORDS[(i * j) % 12]} ${i} ${j}`,
    }));
    return `${JSON.stringify({ id: `c${i}`, messages })}\n`;
  });
  writeFileSync(join(dir, 'conversations.jsonl'), lines.join(''));
  const given = { template: '{name}: {text}', validation: 0, test: 0.4, leaks: 'allow', ...params };
  return (await runStage('tokenize', join(folder.dir, name), { inputs: { conversations: dir }, params: given })).outDir;
}

let tokens = '';
before(async () => {
  tokens = await tokensOf('tokens', 120);
  const weights = initialWeights(model, 5);
  await writeWeights(join(folder.dir, 'checkpoint', 'best'), { model, weights, step: 7, seed: 5 });
});
after(folder.remove);

const run = (name: string, inputs: Record<string, string> = {}, onEvent: (event: StageEvent) => void = () => {}) =>
  runKind(sample, {
    onEvent,
    dir: join(folder.dir, name),
    inputs: { checkpoint: join(folder.dir, 'checkpoint'), ...inputs },
    params: { engine: 'tfjs', prompts: ['Ann:', ''], samplesPerPrompt: 2, maxNewTokens: 8 },
  });

test('with held-out tokens samples.md ends with a section on health; without, nothing is new', async () => {
  const without = await run('without');
  const beside = await run('with', { 'held-out': tokens });
  const textOf = (dir: string): string => readFileSync(join(dir, 'samples.md'), 'utf8');
  const [plain, more] = [textOf(without.outDir), textOf(beside.outDir)];
  assert.doesNotMatch(plain, /Health/);
  assert.ok(more.startsWith(plain));
  assert.match(more.slice(plain.length), /^\n## Health\n\n.*\(test split\).*\n\n\| \| generated \| held out \| \|\n/);
  const [a, b] = [digestsOf(without.outDir), digestsOf(beside.outDir)];
  assert.deepEqual(Object.keys(b), ['samples.jsonl', 'samples.md']);
  assert.equal(a['samples.jsonl'], b['samples.jsonl']);
  assert.deepEqual(digestsOf((await run('with', { 'held-out': tokens })).outDir), b);
});

test('says what is wrong with held-out tokens before it computes', async () => {
  const none = await tokensOf('nothing', 20, { test: 0 });
  const fails = async (dir: string, message: RegExp) => {
    const events: StageEvent[] = [];
    await assert.rejects(
      run('fails', { 'held-out': dir }, (event) => void events.push(event)),
      message,
    );
    assert.deepEqual(events, [], 'before it computes');
  };
  await fails(none, /nothing is held out: the tokens have neither test nor validation text/);
  const path = join(none, 'index.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...index, template: '' }));
  await fails(none, /nothing is held out/);
  const other = await tokensOf('no-template', 20);
  const otherIndex = JSON.parse(readFileSync(join(other, 'index.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(other, 'index.json'), JSON.stringify({ ...otherIndex, template: '' }));
  await fails(other, /have no lines of conversations/);
  writeFileSync(join(other, 'index.json'), JSON.stringify({ ...otherIndex, vocabularySize: 50000, separator: 256 }));
  await fails(other, /have a vocabulary of 50000 ids, the model has one of 50257/);
});

// ---------------------------------------------------------------------------

const { encode, separator } = gpt2Encoding();

/** A sample as the stage writes it. */
function sampled(
  prompt: string,
  written: string,
  stopped: SampleRecord['stopped'],
  cutAt = written.length,
): SampleRecord {
  const tokens = [...encode(written), ...(stopped === 'separator' ? [separator] : [])];
  return { prompt, text: written.slice(0, cutAt), tokens, seed: 1, stopped, settings: {} };
}

function withHeldOut<T>(use: (heldOut: HeldOut) => T, dir = tokens): T {
  const heldOut = openHeldOut(dir, gpt2Encoding());
  try {
    return use(heldOut);
  } finally {
    heldOut.close();
  }
}

const shortly = (lines: readonly SaidLine[]): string[] =>
  lines.map(({ who, text, isWritten, isCut }) => `${isWritten ? '' : 'given '}${who}/${text}${isCut ? ' …' : ''}`);

test('the lines of a sample, as far as they are whole', () =>
  withHeldOut((heldOut) => {
    const textsOf = (record: SampleRecord, hasHeader = false): string[][] =>
      sampledTexts(record, heldOut, hasHeader).map(shortly);
    assert.deepEqual(textsOf(sampled('Ann: hi\nBen:', ' ho\nZed: what\nand\nBen:\n\nAnn: I', 'length')), [
      ['given Ann/hi', 'Ben/ho', 'Zed/what', 'null/and', 'Ben/', 'null/', 'Ann/I …'],
    ]);
    assert.deepEqual(textsOf(sampled('Ann:', ' ho\n', 'separator')), [['Ann/ho']]);
    assert.deepEqual(textsOf(sampled('Ann:', '', 'separator')), [['Ann/']], 'it left the line empty');
    assert.deepEqual(textsOf(sampled('Ann: hi\n', '', 'separator')), [['given Ann/hi']]);
    assert.deepEqual(textsOf(sampled('Ann:', ' ho\n', 'stop', 3)), [['Ann/ho']], 'the line end was the stop string');
    assert.deepEqual(textsOf(sampled('Ann:', ' ho you', 'stop', 3)), [['Ann/ho …']]);
    assert.deepEqual(
      textsOf(sampled('', 'about Ann\nAnn: hi\n', 'separator'), true),
      [['Ann/hi']],
      'without the header',
    );
    const two = {
      ...sampled('Ann:', ' hi\n', 'length'),
      tokens: [...encode(' hi\n'), separator, ...encode('Ben: ho\nAn')],
    };
    assert.deepEqual(textsOf({ ...two, text: ' hi\nBen: ho\nAn' }), [['Ann/hi'], ['Ben/ho', 'null/An …']]);
    const blank = { ending: 'blankLines' as const, reading: heldOut.reading };
    assert.deepEqual(sampledTexts(sampled('Ann:', ' hi\n\n\nBen: ho\n', 'length'), blank, false).map(shortly), [
      ['Ann/hi'],
      ['Ben/ho'],
    ]);
  }));

test('a held-out conversation is cut as a sample is', () =>
  withHeldOut((heldOut) => {
    const [conversation] = heldOut.conversations();
    const said = conversation!.lines.map((line) => `${line!.who}/${line!.text}`);
    const cut = (lines: number, most: number, more: { isOpen?: boolean; isStart?: boolean; stop?: string[] } = {}) => {
      const { isOpen = true, isStart = true, stop = [] } = more;
      return shortly(
        realText(
          conversation!,
          { prompt: { lines, isOpen, isStart }, cuts: { most, stop }, random: randomAt(0, 1, 'heldOut', 1) },
          heldOut.reading,
        )!,
      );
    };
    assert.deepEqual(cut(0, 1000), said);
    assert.deepEqual(cut(2, 1000), [...said.slice(0, 2).map((line) => `given ${line}`), ...said.slice(2)]);
    assert.deepEqual(
      cut(99, 1000),
      [...said.slice(0, 7).map((line) => `given ${line}`), said[7]!],
      'as many as there are',
    );
    assert.deepEqual(cut(1, 1000, { stop: ['\n'] }), [`given ${said[0]!}`, said[1]!], 'one whole line');
    const short = cut(0, 9);
    assert.match(short.at(-1)!, / …$/);
    assert.ok(short.length >= 1 && short.length <= 3, short.join());
    const inside = cut(1, 1000, { isStart: false });
    assert.equal(inside.filter((line) => line.startsWith('given')).length, 1);
    assert.deepEqual(
      inside.map((line) => line.replace('given ', '')),
      said.slice(-inside.length),
    );
  }));

const settings = (params: Partial<Params>): Params =>
  ({
    ...Object.fromEntries(
      Object.entries(sampleParams).map(([name, schema]) => [name, (schema as { default?: unknown }).default]),
    ),
    ...params,
  }) as Params;

test('held-out text against itself has no marks, a loop has one, and the people are counted, not named', () =>
  withHeldOut((heldOut) => {
    const real = [...heldOut.conversations()].slice(0, 20).map(({ lines }) => {
      const text = lines.map((line) => `${line!.whole}\n`).join('');
      return sampled(text.slice(0, 4), text.slice(4), 'separator');
    });
    const params = settings({ prompts: ['Ann:'], maxNewTokens: 1000, overflow: 'slide' });
    const same = healthSection(real, heldOut, params, 1024);
    assert.match(same, /\| lines \| 160 \| \d{3} \| \|/);
    assert.match(same, /beside held-out lines of the same 3 people \(test split\)/);
    assert.doesNotMatch(same, /\| ! \|/);
    assert.doesNotMatch(same, /Ann|Ben|Cleo|tea/);
    const loop = Array.from({ length: 4 }, () => sampled('Ann:', ' tea\nAnn: tea\nAnn: tea\nAnn: tea\n', 'separator'));
    const marked = healthSection(loop, heldOut, params, 1024);
    assert.match(marked, /\| repeated \| 75.0 % \| 0.0 % \| ! \|/);
    assert.match(marked, /of the same 1 person/);
    // Ben is in half of the conversations.
    const ben = healthSection([sampled('Ben:', ' tea\n', 'separator')], heldOut, params, 1024);
    const linesIn = (section: string): number => Number(/\| lines \| \d+ \| (\d+)/.exec(section)![1]);
    const conversations = [...heldOut.conversations()];
    const withBen = conversations.filter(({ people }) => people.includes('Ben')).length;
    assert.deepEqual([linesIn(ben), linesIn(marked)], [4 * withBen, 4 * conversations.length]);
    assert.match(healthSection([sampled('Zed:', ' tea\n', 'separator')], heldOut, params, 1024), /lines of everybody/);
  }));

test('any sample is read without an error, and no line is lost', () =>
  withHeldOut((heldOut) => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('separator', 'length', 'stop', 'context'),
        (prompt, text, stopped) => {
          const whole = sampled(prompt, text, stopped);
          const [lines] = sampledTexts(whole, heldOut, false);
          const said = `${prompt}${text}`.split('\n');
          assert.equal(lines!.length, said.at(-1) === '' ? said.length - 1 : said.length);
        },
      ),
    );
  }));

test('a conversation that does not read back is passed over', () => {
  const reader = openTokens(tokens);
  withHeldOut((heldOut) => {
    const conversation = readConversation(reader.split('test'), 0, heldOut.reading);
    const damaged = { ...conversation, lines: [null, ...conversation.lines] };
    const prompt = { lines: 0, isOpen: false, isStart: true };
    assert.equal(
      realText(damaged, { prompt, cuts: { most: 9, stop: [] }, random: randomAt(0, 1, 'heldOut') }, heldOut.reading),
      null,
    );
  });
  reader.close();
});
