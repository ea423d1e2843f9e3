/** The script of the page that `runner compare --html` writes: reads the data in the page and draws it. */
import type { Comparison } from '../comparison.ts';
import { lineStyleFor } from './colours.ts';
import { curveChart } from './curve-chart.ts';
import type { Axis, Scale } from './curve-chart.ts';
import { choice, element, select } from './element.ts';
import { parallelChart } from './parallel-chart.ts';
import { runTable } from './run-table.ts';
import { samplesView } from './samples-view.ts';

const comparison = JSON.parse(document.getElementById('comparison')!.textContent) as Comparison;
draw(document.getElementById('page')!);

function draw(page: HTMLElement): void {
  const { title, runs, metric, curves, differing } = comparison;
  const state = { metric: curves[0] ?? '', axis: 'step' as Axis, scale: 'linear' as Scale };
  const hidden = new Set<number>();
  const darkness = matchMedia('(prefers-color-scheme: dark)');

  const table = runTable(comparison, {
    toggle(run) {
      if (!hidden.delete(run)) hidden.add(run);
      redraw();
    },
    hover: (run) => curve?.highlight(run),
  });
  const curveHost = element('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `curves of ${runs.length} runs; the table below has the values`,
  });
  const parallelHost = element('div', {
    class: 'chart parallel',
    role: 'img',
    'aria-label': 'params against the result, one line per run',
  });
  const samples = samplesView(comparison);
  const changed =
    <Name extends keyof typeof state>(name: Name) =>
    (value: (typeof state)[Name]): void => {
      state[name] = value;
      redraw();
    };
  const axes: [Axis, string][] = [
    ['step', 'step'],
    ...(runs.some(({ clock }) => clock.tokens) ? [['tokens', 'tokens'] as [Axis, string]] : []),
    ['time', 'time'],
  ];
  const bar = element(
    'div',
    { class: 'bar' },
    element('label', {}, 'curve', select(curves, changed('metric'))),
    element('label', {}, 'over', choice(axes, 'step', changed('axis'))),
    element(
      'label',
      {},
      'scale',
      choice<Scale>(
        [
          ['linear', 'linear'],
          ['log', 'log'],
          ['end', 'after the first fifth'],
        ],
        'linear',
        changed('scale'),
      ),
    ),
    element('span', { class: 'quiet' }, 'Ctrl + wheel to zoom; click a row to hide its curve'),
  );
  const parallelWanted = differing.length > 0 && runs.length > 1 && metric !== null;
  page.append(
    element('h1', {}, title),
    element(
      'div',
      { class: 'quiet' },
      `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${metric ?? 'no metrics'}, best first`,
    ),
    ...(curves.length ? [bar, curveHost] : [element('p', {}, 'No run has a curve.')]),
    element('h2', {}, differing.length ? 'Differences and results' : 'Results'),
    table.root,
    ...(parallelWanted
      ? [
          element('h2', {}, 'Params against the result'),
          element('div', { class: 'quiet' }, 'drag along an axis to select the runs that cross it there'),
          parallelHost,
        ]
      : []),
    ...(samples ? [samples.root] : []),
  );
  const curve = curves.length ? curveChart(curveHost, comparison) : null;
  const parallel = parallelWanted ? parallelChart(parallelHost, comparison) : null;

  function redraw(): void {
    const styles = runs.map((_, index) => lineStyleFor(index, runs.length, darkness.matches));
    const style = getComputedStyle(document.documentElement);
    const [ink, quiet, line, paper] = ['--ink', '--quiet', '--line', '--paper'].map((name) =>
      style.getPropertyValue(name).trim(),
    ) as [string, string, string, string];
    curve?.draw({ ...state, hidden, styles, ink, quiet, line, paper });
    parallel?.draw({ styles, hidden, ink, quiet, line, paper });
    table.draw(styles, hidden);
    samples?.draw(styles, hidden);
  }
  darkness.addEventListener('change', redraw);
  redraw();
}
