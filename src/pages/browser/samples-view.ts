import type { Comparison } from '../comparison.ts';
import type { LineStyle } from './colours.ts';
import { element, select } from './element.ts';
import { swatch } from './swatch.ts';

/** The texts that the models generated from one prompt, side by side. Null if no run has samples. */
export function samplesView({
  runs,
}: Comparison): { root: HTMLElement; draw(styles: LineStyle[], hidden: ReadonlySet<number>): void } | null {
  const prompts = [...new Set(runs.flatMap(({ samples }) => samples.map(({ prompt }) => prompt)))];
  if (prompts.length === 0) return null;
  let prompt = prompts[0]!;
  let drawn: { styles: LineStyle[]; hidden: ReadonlySet<number> } = { styles: [], hidden: new Set() };
  const texts = element('div', { class: 'texts' });
  const redraw = (): void => {
    const cards = runs.flatMap((run, index) => {
      const found = run.samples.find((sample) => sample.prompt === prompt);
      const style = drawn.styles[index];
      if (!found || !style || drawn.hidden.has(index)) return [];
      return [
        element(
          'article',
          { class: 'card' },
          element('header', {}, swatch(style), run.label),
          ...found.texts.map((text) => element('pre', {}, element('span', { class: 'prompt' }, prompt), text)),
        ),
      ];
    });
    texts.replaceChildren(...cards);
  };
  const names = prompts.map((text) => (text === '' ? '(no prompt)' : text));
  const chooser = select(names, (name) => {
    prompt = prompts[names.indexOf(name)]!;
    redraw();
  });
  const bar = element(
    'div',
    { class: 'bar' },
    element('label', {}, 'prompt', chooser),
    element('span', { class: 'quiet' }, 'in order, not hand-picked'),
  );
  return {
    root: element('section', {}, element('h2', {}, 'Samples'), bar, texts),
    draw(styles, hidden) {
      drawn = { styles, hidden };
      redraw();
    },
  };
}
