import type { Comparison } from '../comparison.ts';
import { lineStyleFor } from './colours.ts';
import type { LineStyle } from './colours.ts';
import { curveChart } from './curve-chart.ts';
import type { Axis, Scale } from './curve-chart.ts';
import { choice, element, select } from './element.ts';

export interface Palette {
  styles: LineStyle[];
  ink: string;
  quiet: string;
  line: string;
  paper: string;
}

/** The colours of the page as it is now, and the look of each run's line. */
export function paletteFor(runs: number): Palette {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const style = getComputedStyle(document.documentElement);
  const [ink, quiet, line, paper] = ['--ink', '--quiet', '--line', '--paper'].map((name) =>
    style.getPropertyValue(name).trim(),
  ) as [string, string, string, string];
  return {
    styles: Array.from({ length: runs }, (_, index) => lineStyleFor(index, runs, isDark)),
    ink,
    quiet,
    line,
    paper,
  };
}

export interface CurvesView {
  /** the choices and the chart */
  parts: HTMLElement[];
  /** call once the parts are in the page */
  start(): void;
  draw(palette: Palette, hidden: ReadonlySet<number>): void;
  highlight(run: number | null): void;
}

/** Curves of one metric, with a choice of the metric, its axis and its scale. `label` says what the picture shows. */
export function curvesView(comparison: Comparison, { label, hint }: { label: string; hint: string }): CurvesView {
  const { curves, runs, metricNames } = comparison;
  const state = { metric: curves[0] ?? '', axis: 'step' as Axis, scale: 'linear' as Scale };
  let drawn: { palette: Palette; hidden: ReadonlySet<number> } | null = null;
  let chart: ReturnType<typeof curveChart> | null = null;
  const host = element('div', { class: 'chart', role: 'img', 'aria-label': label });
  const draw = (): void => void (drawn && chart?.draw({ ...state, hidden: drawn.hidden, ...drawn.palette }));
  const changed =
    <Name extends keyof typeof state>(name: Name) =>
    (value: (typeof state)[Name]): void => {
      state[name] = value;
      draw();
    };
  const axes: [Axis, string][] = [
    ['step', 'step'],
    ...(runs.some(({ clock }) => clock.tokens) ? [['tokens', 'tokens'] as [Axis, string]] : []),
    ['time', 'time'],
  ];
  const scales: [Scale, string][] = [
    ['linear', 'linear'],
    ['log', 'log'],
    ['end', 'without the start'],
  ];
  const shown = curves.map((name) => metricNames[name] ?? name);
  const bar = element(
    'div',
    { class: 'bar' },
    element(
      'label',
      {},
      'curve',
      select(shown, (name) => changed('metric')(curves[shown.indexOf(name)] ?? '')),
    ),
    element('span', { class: 'option' }, 'over', choice(axes, 'step', changed('axis'))),
    element('span', { class: 'option' }, 'y axis', choice(scales, 'linear', changed('scale'))),
    element('span', { class: 'quiet' }, hint),
  );
  return {
    parts: [bar, host],
    start: () => void (chart = curveChart(host, comparison)),
    draw(palette, hidden) {
      drawn = { palette, hidden };
      draw();
    },
    highlight: (run) => chart?.highlight(run),
  };
}
