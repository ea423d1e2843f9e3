import type { Comparison } from '../comparison.ts';
import type { Look } from './colours.ts';
import { element, select } from './element.ts';
import { swatch } from './swatch.ts';

/** What the models wrote after one prompt, side by side. Null where no run wrote anything. */
export function samplesView({
  runs,
}: Comparison): { root: HTMLElement; draw(looks: Look[], hidden: ReadonlySet<number>): void } | null {
  const prompts = [...new Set(runs.flatMap(({ samples }) => samples.map(({ prompt }) => prompt)))];
  if (prompts.length === 0) return null;
  let prompt = prompts[0]!;
  let drawn: { looks: Look[]; hidden: ReadonlySet<number> } = { looks: [], hidden: new Set() };
  const texts = element('div', { class: 'texts' });
  const redraw = (): void => {
    const cards = runs.flatMap((run, at) => {
      const found = run.samples.find((sample) => sample.prompt === prompt);
      const look = drawn.looks[at];
      if (!found || !look || drawn.hidden.has(at)) return [];
      return [
        element(
          'article',
          { class: 'card' },
          element('header', {}, swatch(look), run.label),
          ...found.texts.map((text) => element('pre', {}, element('span', { class: 'prompt' }, prompt), text)),
        ),
      ];
    });
    texts.replaceChildren(...cards);
  };
  const names = prompts.map((each) => (each === '' ? '(no prompt)' : each));
  const chooser = select(names, (name) => {
    prompt = prompts[names.indexOf(name)]!;
    redraw();
  });
  const bar = element(
    'div',
    { class: 'bar' },
    element('label', {}, 'after the prompt', chooser),
    element('span', { class: 'quiet' }, 'as they came, none picked'),
  );
  return {
    root: element('section', {}, element('h2', {}, 'Samples'), bar, texts),
    draw(looks, hidden) {
      drawn = { looks, hidden };
      redraw();
    },
  };
}
