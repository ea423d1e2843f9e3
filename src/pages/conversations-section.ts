import { withCommas } from '../numbers/counted.ts';
import { escaped } from './page.ts';
import type { RunStory, StoryConversations } from './run-story.ts';

/** What was read, and conversations as the model sees them, which are shown only after a click. */
export const conversationsSection = ({ conversations }: RunStory): string =>
  conversations.map((read) => sectionFor(read, conversations.length > 1)).join('\n');

// ---------------------------------------------------------------------------

function sectionFor(read: StoryConversations, isOneOfSeveral: boolean): string {
  const { stage, format, counts, dropped, noticed, template, excerpts, changes } = read;
  const card = ({ id, lines, more }: StoryConversations['excerpts'][number]): string =>
    `<article class="card"><header>${escaped(id)}</header><pre>${escaped(lines.join('\n'))}</pre>${more > 0 ? `<p class="quiet">… and ${withCommas(more)} more</p>` : ''}</article>`;
  return `<h2>Conversations${isOneOfSeveral ? `: ${escaped(stage)}` : ''}</h2>
<p>${escaped([...counts, `format: ${format}`].join(' · '))}</p>
${dropped.length > 0 ? `<p class="quiet">dropped: ${escaped(dropped.join(', '))}</p>` : ''}
${list('noticed', noticed)}
${excerpts.length > 0 ? `<details><summary>show ${excerpts.length === 1 ? 'a conversation' : `${excerpts.length} conversations`} as the model sees them, by the template <code>${escaped(template)}</code></summary>\n<div class="texts">${excerpts.map(card).join('')}</div></details>` : ''}
${list('what you may want to change, and then run the pipeline again', changes)}`;
}

const list = (title: string, lines: string[]): string =>
  lines.length === 0
    ? ''
    : `<p class="quiet">${title}:</p><ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;
