import { LineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { onLine } from '../comparison.ts';
import type { ComparedRun, Comparison } from '../comparison.ts';
import type { LineStyle } from './colours.ts';
import { element } from './element.ts';
import { duration, figure } from './figures.ts';
import { swatch } from './swatch.ts';

echarts.use([LineChart, GridComponent, TooltipComponent, DataZoomComponent, MarkLineComponent, SVGRenderer]);

export type Axis = 'step' | 'tokens' | 'time';

/** `end`: scaled to the values after the first fifth, where runs with similar starts diverge */
export type Scale = 'linear' | 'log' | 'end';

export interface CurveView {
  metric: string;
  axis: Axis;
  scale: Scale;
  hidden: ReadonlySet<number>;
  styles: LineStyle[];
  ink: string;
  quiet: string;
  line: string;
  paper: string;
}

/** With more names than this at the ends of the lines, they would overlap. */
const MOST_NAMES = 8;
const MOST_IN_TIP = 14;

/** A chart with one line for each visible run. */
export function curveChart(
  host: HTMLElement,
  comparison: Comparison,
): { draw(view: CurveView): void; highlight(run: number | null): void } {
  const chart = echarts.init(host, null, { renderer: 'svg' });
  const names = element('div', { class: 'names' });
  host.append(names);
  let drawn: CurveView | null = null;
  const nameLines = (): void =>
    void (drawn && names.replaceChildren(...(isNamed(comparison, host) ? nameLabels(comparison, drawn, chart) : [])));
  addEventListener('resize', () => {
    chart.resize();
    nameLines();
  });
  chart.on('datazoom', nameLines);
  return {
    draw(view) {
      drawn = view;
      chart.setOption(optionOf(comparison, view, isNamed(comparison, host)), { notMerge: true });
      nameLines();
    },
    highlight(run) {
      chart.dispatchAction({ type: 'downplay' });
      if (run !== null) chart.dispatchAction({ type: 'highlight', seriesIndex: run });
    },
  };
}

// ---------------------------------------------------------------------------

/** A round number without zeros at its end: 5, 5.5, 6. */
const tick = (value: number): string =>
  Math.abs(value) >= 10_000 ? figure(value) : String(Number(value.toPrecision(4)));

const isNamed = ({ runs }: Comparison, host: HTMLElement): boolean =>
  runs.length <= MOST_NAMES && host.clientWidth > 700;

/** The name of each line, at its end, moved apart where names would overlap. */
function nameLabels({ runs }: Comparison, view: CurveView, chart: echarts.ECharts): HTMLElement[] {
  const minimumGap = 16;
  const ends = runs.flatMap((run, index) => {
    const last = view.hidden.has(index) ? undefined : pointsOf(run, view).findLast(([, value]) => value !== null);
    const top = last ? chart.convertToPixel({ yAxisIndex: 0 }, last[1] as number) : NaN;
    return Number.isFinite(top)
      ? [{ label: run.label, style: view.styles[index]!, top: Math.max(8, Math.min(top, chart.getHeight() - 50)) }]
      : [];
  });
  ends.sort((a, b) => a.top - b.top);
  ends.forEach((end, index) => (end.top = Math.max(end.top, (ends[index - 1]?.top ?? -Infinity) + minimumGap)));
  // move labels below the chart back up
  ends
    .toReversed()
    .forEach(
      (end, index, reversed) =>
        (end.top = Math.min(end.top, (reversed[index - 1]?.top ?? chart.getHeight() - 34) - minimumGap)),
    );
  return ends.map(({ label, style, top }) =>
    element('span', { style: `top:${Math.round(top) - 8}px`, title: label }, swatch(style), label),
  );
}

function optionOf(
  { runs, equalTokens, lessIsBetter, metricNames }: Comparison,
  view: CurveView,
  named: boolean,
): echarts.EChartsCoreOption {
  const series = runs.map((run, index) => {
    const data = view.hidden.has(index) ? [] : pointsOf(run, view);
    const { colour, dash } = view.styles[index]!;
    return {
      type: 'line',
      name: run.label,
      data,
      color: colour,
      lineStyle: { width: 2, color: colour, type: dash.length ? dash : 'solid' },
      showSymbol: data.length <= 40,
      symbolSize: 5,
      sampling: 'lttb',
      clip: true,
      animation: false,
      emphasis: { focus: 'series', lineStyle: { width: 3.5 } },
      blur: { lineStyle: { opacity: 0.18 }, itemStyle: { opacity: 0.18 } },
      ...(index === 0 && view.axis === 'tokens' && equalTokens !== null
        ? { markLine: equalLine(equalTokens, view) }
        : {}),
    };
  });
  const axisLook = {
    axisLine: { lineStyle: { color: view.line } },
    axisLabel: { color: view.quiet },
    splitLine: { lineStyle: { color: view.line, opacity: 0.6 } },
    nameTextStyle: { color: view.quiet },
  };
  return {
    grid: { left: 72, right: named ? 215 : 24, top: 16, bottom: 48 },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: view.paper,
      borderColor: view.line,
      textStyle: { color: view.ink, fontSize: 13 },
      formatter: (points: unknown) => tip(points as TipPoint[], view.axis, lessIsBetter),
    },
    dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, filterMode: 'none' }],
    xAxis: {
      type: 'value',
      min: 'dataMin',
      max: 'dataMax',
      name: { step: 'step', tokens: 'tokens seen', time: 'training time' }[view.axis],
      nameLocation: 'middle',
      nameGap: 30,
      ...axisLook,
      axisLabel: { color: view.quiet, hideOverlap: true, formatter: (value: number) => axisText(value, view.axis) },
    },
    yAxis: {
      type: view.scale === 'log' ? 'log' : 'value',
      scale: true,
      ...(view.scale === 'end' ? endRange(runs, view) : {}),
      name: metricNames[view.metric] ?? view.metric,
      nameLocation: 'middle',
      nameRotate: 90,
      nameGap: 48,
      ...axisLook,
      axisLabel: { color: view.quiet, hideOverlap: true, formatter: tick },
    },
    series,
  };
}

/** A run's measurements along the chosen axis; NaN and infinity leave a gap. */
function pointsOf(run: ComparedRun, { metric, axis, scale }: CurveView): [number, number | null][] {
  const curve = run.curves[metric];
  if (!curve) return [];
  const { steps, tokens, seconds } = run.clock;
  const along = axis === 'step' ? null : axis === 'tokens' ? tokens : seconds;
  return curve.steps.flatMap((step, index): [number, number | null][] => {
    const x = axis === 'step' ? step : along ? onLine(steps, along, step) : null;
    const value = Number(curve.values[index]);
    return x === null ? [] : [[x, Number.isFinite(value) && (scale !== 'log' || value > 0) ? value : null]];
  });
}

/** The range of all visible values after the first fifth of the axis. */
function endRange(runs: ComparedRun[], view: CurveView): { min?: number; max?: number } {
  const shown = runs.flatMap((run, index) => (view.hidden.has(index) ? [] : [pointsOf(run, view)]));
  const last = Math.max(...shown.flatMap((points) => points.at(-1)?.[0] ?? []));
  const values = shown.flatMap((points) =>
    points.flatMap(([x, value]) => (x >= last / 5 && value !== null ? [value] : [])),
  );
  if (values.length === 0) return {};
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * 0.05 || 1;
  return { min: Number((low - margin).toPrecision(3)), max: Number((high + margin).toPrecision(3)) };
}

function equalLine(tokens: number, { quiet }: CurveView): object {
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    lineStyle: { color: quiet, type: 'dotted', width: 1.5 },
    label: { color: quiet, formatter: 'equal tokens', position: 'insideEndTop' },
    data: [{ xAxis: tokens }],
  };
}

interface TipPoint {
  seriesName: string;
  color: string;
  value: [number, number | null];
}

function tip(points: TipPoint[], axis: Axis, lessIsBetter: boolean): string {
  const known = points
    .filter(({ value }) => value[1] !== null)
    .sort((a, b) => (lessIsBetter ? 1 : -1) * (Number(a.value[1]) - Number(b.value[1])));
  const rows = known
    .slice(0, MOST_IN_TIP)
    .map(
      ({ seriesName, color, value }) =>
        `<div><span style="color:${color}">●</span> <b>${figure(value[1])}</b> ${escaped(seriesName)}</div>`,
    );
  const more = known.length - MOST_IN_TIP;
  return `<div class="tip">${axisText(points[0]?.value[0] ?? 0, axis)} ${axis === 'time' ? '' : axis === 'step' ? 'steps' : 'tokens'}${rows.join('')}${more > 0 ? `… and ${more} more` : ''}</div>`;
}

const axisText = (value: number, axis: Axis): string =>
  axis === 'time'
    ? duration(value)
    : value >= 1e6
      ? `${Number((value / 1e6).toPrecision(4))} M`
      : figure(Math.round(value));

export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
