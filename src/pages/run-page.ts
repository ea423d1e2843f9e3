import { dataElement, isPageWith, scriptElement } from './page-data.ts';
import { conversationsSection } from './conversations-section.ts';
import { escaped, page } from './page.ts';
import {
  headSection,
  lossSections,
  originSection,
  resourceSection,
  samplesSection,
  stageSection,
} from './run-sections.ts';
import type { RunStory } from './run-story.ts';
import { runStyle } from './run-style.ts';

/** The page of one run. Everything but the curves, which `script` draws, can be read without a script. */
export function runPage(story: RunStory, script: string): string {
  const hasCurves = story.curves.curves.length > 0;
  return page({
    title: `${story.name}: ${story.outcome}`,
    style: runStyle,
    allowed: "; script-src 'unsafe-inline'; img-src data:",
    body: `<main id="page">
${headSection(story)}
<section id="curves"><h2>Curves</h2>${hasCurves ? '<noscript>The curves are drawn by a script inside this file; allow it to run.</noscript>' : '<p class="quiet">This run has no curve.</p>'}</section>
${lossSections(story)}
${samplesSection(story)}
${conversationsSection(story)}
${stageSection(story)}
${resourceSection(story)}
${originSection(story)}
<p class="quiet">This page was written by ${escaped(story.writtenBy)}. It needs no network. It holds names and texts from your chats.</p>
</main>
${dataElement(DATA, hasCurves ? story.curves : null)}
${scriptElement(script)}`,
  });
}

/** Whether a text is such a page. */
export const isRunPage = (text: string): boolean => isPageWith(DATA, text);

// ---------------------------------------------------------------------------

const DATA = 'run-curves';
