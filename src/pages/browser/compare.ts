/** The script of the page that `runner compare --html` writes: reads the data in the page and draws it. */
import type { Comparison } from '../comparison.ts';
import { curvesView, paletteFor } from './curves-view.ts';
import { element } from './element.ts';
import { parallelChart } from './parallel-chart.ts';
import { paramLists } from './param-lists.ts';
import { runTable } from './run-table.ts';
import { samplesView } from './samples-view.ts';

const comparison = JSON.parse(document.getElementById('comparison')!.textContent) as Comparison;
draw(document.getElementById('page')!);

function draw(page: HTMLElement): void {
  const { title, runs, metric, metricNames, curves, differing } = comparison;
  const hidden = new Set<number>();
  const darkness = matchMedia('(prefers-color-scheme: dark)');

  const table = runTable(comparison, {
    toggle(run) {
      if (!hidden.delete(run)) hidden.add(run);
      redraw();
    },
    hover: (run) => curve?.highlight(run),
  });
  const curve = curves.length
    ? curvesView(comparison, {
        label: `curves of ${runs.length} runs; the table below has the values`,
        hint: 'Ctrl + wheel to zoom; click a row to hide its curve',
      })
    : null;
  const parallelHost = element('div', {
    class: 'chart parallel',
    role: 'img',
    'aria-label': 'params against the result, one line per run',
  });
  const samples = samplesView(comparison);
  const parallelWanted = differing.length > 0 && runs.length > 1 && metric !== null;
  page.append(
    element('h1', {}, title),
    element(
      'div',
      { class: 'quiet' },
      `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${metric === null ? 'without metrics' : `${metricNames[metric] ?? metric}, best first`}`,
    ),
    ...(curve ? curve.parts : [element('p', {}, 'No run has a curve.')]),
    element('h2', {}, differing.length ? 'Differences and results' : 'Results'),
    table.root,
    ...paramLists(comparison),
    ...(parallelWanted
      ? [
          element('h2', {}, 'Params against the result'),
          element('div', { class: 'quiet' }, 'drag along an axis to select the runs that cross it there'),
          parallelHost,
        ]
      : []),
    ...(samples ? [samples.root] : []),
  );
  curve?.start();
  const parallel = parallelWanted ? parallelChart(parallelHost, comparison) : null;

  function redraw(): void {
    const palette = paletteFor(runs.length);
    const { styles } = palette;
    curve?.draw(palette, hidden);
    parallel?.draw({ ...palette, hidden });
    table.draw(styles, hidden);
    samples?.draw(styles, hidden);
  }
  darkness.addEventListener('change', redraw);
  redraw();
}
