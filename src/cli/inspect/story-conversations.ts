import { join } from 'node:path';
import type { Message } from '../../artifacts/conversations.ts';
import { CONVERSATIONS_REPORT_FILE, type ConversationsReport } from '../../artifacts/conversations.ts';
import { excerptsOf } from '../../artifacts/excerpts.ts';
import { parseTemplate, UNSTAMPED_TEMPLATE } from '../../artifacts/tokens/line-template.ts';
import { readJson } from '../../files/read-file.ts';
import { frozenStages, type FrozenStage } from '../../history/frozen-pipeline.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { counted, withCommas } from '../../numbers/counted.ts';
import type { StoryConversations } from '../../pages/run-story.ts';

/** What the ingest stages of a run have read, and ten conversations of each as the model sees them. */
export async function storyConversations(past: PastRun): Promise<StoryConversations[]> {
  const frozen = frozenStages(past);
  const all: StoryConversations[] = [];
  for (const { name, kind, artifact } of past.record?.stages ?? []) {
    const dir = join(past.dir, 'stages', name);
    const report =
      kind === 'ingest' && artifact ? readJson<ConversationsReport>(join(dir, CONVERSATIONS_REPORT_FILE)) : null;
    if (!report) continue;
    const template = templateFor(name, frozen) ?? UNSTAMPED_TEMPLATE;
    const excerpts = await excerptsOf(dir, report.conversations).catch(() => []); // the artifact is damaged or gone
    const dropped = Object.entries(report.dropped).sort(([, a], [, b]) => b - a);
    all.push({
      stage: name,
      format: String(frozen[name]?.params['format'] ?? ''),
      counts: [
        counted(report.conversations, 'conversation'),
        counted(report.messages, 'message'),
        counted(report.people, 'person', 'people'),
      ],
      dropped: dropped.map(([reason, records]) => `${withCommas(records)} ${reason}`),
      noticed: Object.entries(report.noticed ?? {}).map(([what, { count }]) => `${withCommas(count)} × ${what}`),
      template,
      excerpts: excerpts.map(({ id, first, more }) => ({ id, lines: linesOf(first, template), more })),
      changes: changesFor(frozen[name], first(excerpts)),
    });
  }
  return all;
}

// ---------------------------------------------------------------------------

const first = (excerpts: { first: Message[] }[]): Message[] => excerpts.flatMap((excerpt) => excerpt.first);

/** The template of the stage that turns these conversations into tokens. */
function templateFor(stage: string, frozen: Record<string, FrozenStage>): string | null {
  const reader = Object.values(frozen).find(
    ({ kind, inputs }) => kind === 'tokenize' && Object.values(inputs).includes(stage),
  );
  const template = reader?.params['template'];
  return typeof template === 'string' ? template : null;
}

/** A message without the time that the template asks for is shown without it. */
function linesOf(messages: Message[], template: string): string[] {
  const wanted = parseTemplate(template);
  const plain = parseTemplate(UNSTAMPED_TEMPLATE);
  return messages.map((message, index) =>
    (wanted.needsTime && message.time === null ? plain : wanted).render(message, messages[index - 1]?.time ?? null),
  );
}

/** What a person may want to change after reading them. */
function changesFor(stage: FrozenStage | undefined, messages: Message[]): string[] {
  const hours = Number(stage?.params['splitAfterHours'] ?? 0);
  const keep = (stage?.params['keep'] ?? {}) as { minMessages?: unknown };
  const isTimed = messages.some(({ time }) => time !== null);
  return [
    hours === 0
      ? 'conversations that go on for years: splitAfterHours: 6 starts a new one after six silent hours'
      : `conversations that are cut too early or too late: splitAfterHours is ${hours}`,
    `conversations of too few messages: keep: { minMessages: 2 }${Number(keep.minMessages ?? 1) > 1 ? `; it is ${Number(keep.minMessages)} now` : ''}`,
    'another form of the lines: template of the tokenize stage',
    ...(isTimed || messages.length === 0
      ? []
      : ['no time could be read in these conversations: without times, splitAfterHours and {ms} do nothing']),
  ];
}
