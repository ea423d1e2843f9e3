import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openConversationsWriter } from '../../src/artifacts/conversations.ts';
import { readTokensIndex } from '../../src/artifacts/tokens/index.ts';
import { assistantHead, chatFormatOf } from '../../src/cli/export/model/chat/chat-format.ts';
import { jinjaTemplate } from '../../src/cli/export/model/chat/jinja.ts';
import { modelfile } from '../../src/cli/export/model/chat/modelfile.ts';
import { beginsAfterSeparator, type TrainedOn } from '../../src/cli/export/model/trained-on.ts';
import { parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { renderJinja, withoutLlamaCpp } from '../kit/llama-cpp.ts';
import { readModelfile, renderGo } from '../kit/ollama.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { runStage } from '../stages/run-data-stage.ts';

const START = 1_600_000_000_000;

/** The tokens of conversations in which each of the given people writes in turn, a minute after the last line. */
async function trainedTokens(
  context: TestContext,
  conversations: string[][],
  { params = {}, owner = null }: { params?: object; owner?: string | null } = {},
): Promise<TrainedOn> {
  const dir = temporaryDir(context);
  const source = join(dir, 'chat');
  mkdirSync(source);
  const writer = openConversationsWriter(source);
  conversations.forEach((people, id) =>
    writer.append({
      id: `${id}`,
      messages: people.map((from, i) => ({
        from,
        time: START + id * 86_400_000 + i * 60_000,
        text: `word ${id} ${i}`,
      })),
    }),
  );
  writer.close({
    conversations: 0,
    messages: 0,
    people: 0,
    dropped: {},
    read: 0,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  });
  writeFileSync(join(source, 'people.json'), JSON.stringify({ owner, people: [] }));
  const { outDir } = await runStage('tokenize', dir, {
    params: { validation: 0, ...params },
    inputs: { conversations: source },
  });
  return { params: {}, tokens: [{ dir: outDir, index: readTokensIndex(outDir), header: '', conversations: source }] };
}

const formatOf = (trained: TrainedOn) => {
  const { format } = chatFormatOf(trained);
  assert.ok(format);
  return format;
};

const turn = (...people: string[]): string[] => Array.from({ length: 6 }, (_, i) => people[i % people.length]!);

test('the user owns the chats, the assistant shares most conversations with them', async (context) => {
  const conversations = [
    turn('Ana', 'Mira'),
    turn('Bo', 'Mira'),
    turn('Bo', 'Mira'),
    turn('Bo', 'Cy'),
    turn('Cy', 'Bo'),
  ];
  const people = async (owner: string | null) =>
    formatOf(await trainedTokens(context, conversations, { params: { template: '{name}: {text}' }, owner })).people;
  assert.deepEqual(await people('Mira'), { user: 'Mira', assistant: 'Bo' });
  assert.deepEqual(await people('Ana'), { user: 'Ana', assistant: 'Mira' });
  assert.deepEqual(await people(null), { user: 'Bo', assistant: 'Mira' }); // Bo writes most, and shares two with each
  assert.deepEqual(await people('nobody here'), { user: 'Bo', assistant: 'Mira' });
});

test('without a line template, two people or times there is no chat format, and the note says why', async (context) => {
  const why = async (conversations: string[][], params: object, change: (trained: TrainedOn) => void = () => {}) => {
    const trained = await trainedTokens(context, conversations, { params });
    change(trained);
    const { format, notes } = chatFormatOf(trained);
    return [format, notes.join()];
  };
  const end = ', so there is no chat format: give the model the beginning of a text, which it continues';
  assert.deepEqual(await why([turn('Ana'), turn('Ana')], { template: '{name}: {text}' }), [
    null,
    `fewer than two people write in this run${end}`,
  ]);
  assert.deepEqual(await why([turn('Ana', 'Bo')], {}, ({ tokens }) => (tokens[0]!.index.template = '')), [
    null,
    `the tokens of this run have no line template${end}`,
  ]);
  assert.deepEqual(
    await why(
      [turn('Ana', 'Bo')],
      { template: '{name}: {text}' },
      ({ tokens }) => (tokens[0]!.index.template = '[{iso}] {name}: {text}'),
    ),
    [null, `no line at the end of the training text shows the times that the template needs${end}`],
  );
  assert.deepEqual(chatFormatOf({ params: {}, tokens: [] }).format, null);
});

const TEMPLATES = [
  '{name}: {text}',
  '({ms}) {name}: {text}',
  '[{iso} {gap}] <{name}> {text} ~',
  '{s}|{name}\\{{{text}}',
  '{text} ({name})',
  '{text}',
];
const NAMES = [
  ['Ann Lee', 'Ben'],
  ['Zoë 👩‍💻', 'Bo "Q" {{x}} \\n'],
  ["{% raw %}O'Hara", '###"""'],
];
const SAID = [
  ['user', 'hello there'],
  ['user', '  two   lines\nof "text" {{ 7 }} \\ '],
  ['assistant', ' a blank in front, as the model writes it'],
  ['system', 'not a line of anybody'],
  ['assistant', ''],
  ['user', 'ça va? 🦊'],
] as const;

for (const template of TEMPLATES)
  test(`the chat format renders the lines of ${template}`, async (context) => {
    for (const [user, assistant] of NAMES as [string, string][]) {
      const trained = await trainedTokens(context, [turn('x', 'y'), turn(user, assistant)], {
        params: { template },
        owner: user,
      });
      const format = formatOf(trained);
      assert.deepEqual(format.people, { user, assistant });
      const line = parseTemplate(template);
      const last = START + 86_400_000 + 5 * 60_000;
      const rendered = (role: string, text: string) =>
        `${line.render({ from: role === 'user' ? user : assistant, time: last, text }, last - 60_000)}\n`;
      const spoken = SAID.filter(([role, text]) => role !== 'system' && text !== '');
      const expected = (clean: (text: string) => string) =>
        spoken.map(([role, text]) => rendered(role, clean(text))).join('');
      const head = rendered('assistant', '\0').split('\0')[0]!.trimEnd();
      assert.equal(assistantHead(format), head);

      const { from, template: go, parameters } = readModelfile(modelfile({ context: 128, format }));
      assert.deepEqual([from, parameters], ['./model.gguf', { stop: '\n', num_ctx: '128', repeat_penalty: '1.0' }]);
      const shown = renderGo(
        go,
        SAID.map(([Role, Content]) => ({ Role, Content })),
      );
      // Go's templates cannot change a text, so only the blank that the model writes is not doubled.
      const blank = rendered('user', '\0').split('\0')[0]!.endsWith(' ');
      assert.equal(shown, expected((text) => (blank && text.startsWith(' ') ? text.slice(1) : text)) + head);

      if (withoutLlamaCpp) continue;
      const messages = SAID.map(([role, content]) => ({ role, content }));
      const jinja = (add_generation_prompt: boolean) =>
        renderJinja(jinjaTemplate(format), { messages, add_generation_prompt });
      const lines = expected((text) => text.trim().replaceAll('\n', ' '));
      assert.equal(jinja(false), lines);
      assert.equal(jinja(true), lines + head);
    }
  });

test('notes tell what a chat cannot show: times, a header, more than two people', async (context) => {
  const trained = await trainedTokens(context, [turn('Ana', 'Bo', 'Cy')], { owner: 'Cy' });
  trained.tokens[0]!.header = '# {people}';
  assert.deepEqual(chatFormatOf(trained).notes, [
    'a chat has no times, so every line has that of the last line of the training text',
    'the header line of the conversations is left out of the chat format',
    'of 3 people, the chat format has the two who share most conversations',
  ]);
});

test('a text begins after the separator unless conversations ended with something else', async (context) => {
  const begins = async (ending: string) =>
    beginsAfterSeparator(await trainedTokens(context, [turn('Ana', 'Bo')], { params: { ending } }));
  assert.deepEqual([await begins('separator'), await begins('blankLines')], [true, false]);
  assert.equal(beginsAfterSeparator({ params: {}, tokens: [] }), true);
});
