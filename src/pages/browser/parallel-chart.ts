import { ParallelChart } from 'echarts/charts';
import { ParallelComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import type { ComparedRun, Comparison } from '../comparison.ts';
import { figure } from './figures.ts';
import type { CurveView } from './curve-chart.ts';

echarts.use([ParallelChart, ParallelComponent]);

/** More axes than this are unreadable. */
const MOST_AXES = 9;
const FEW_VALUES = 8;

interface ParallelAxis {
  name: string;
  type: 'value' | 'log' | 'category';
  data?: string[];
  inverse?: boolean;
  valueOf(run: ComparedRun): number | string | null;
}

/** One line per run, through its values of the params that differ, ending at its result. */
export function parallelChart(
  host: HTMLElement,
  comparison: Comparison,
): { draw(view: Pick<CurveView, 'styles' | 'hidden' | 'ink' | 'quiet' | 'line' | 'paper'>): void } {
  const chart = echarts.init(host, null, { renderer: 'svg' });
  addEventListener('resize', () => chart.resize());
  const axes = [
    ...comparison.differing.slice(0, MOST_AXES - 1).map(({ path, name }) => axisOf(name, path, comparison.runs)),
    resultAxis(comparison),
  ];
  return {
    draw({ styles, hidden, ink, quiet, line, paper }) {
      const lines = comparison.runs.map((run, index) => ({
        name: run.label,
        value: axes.map(({ valueOf }) => valueOf(run) ?? '-'),
        lineStyle: {
          color: styles[index]!.colour,
          type: styles[index]!.dash.length ? styles[index]!.dash : 'solid',
          width: 2,
          opacity: hidden.has(index) ? 0.08 : 0.9,
        },
      }));
      const parallelAxis = axes.map(({ name, type, data, inverse }, dim) => ({
        dim,
        name,
        type,
        ...(data ? { data } : { scale: true, minorTick: { show: false } }),
        inverse: inverse ?? false,
        nameLocation: inverse ? 'start' : 'end',
        z: 10,
        nameTextStyle: { color: ink, fontSize: 13 },
        axisLine: { lineStyle: { color: line, width: 1.5 } },
        axisTick: { lineStyle: { color: line } },
        axisLabel: {
          color: quiet,
          backgroundColor: paper,
          padding: [1, 3],
          ...(data ? {} : { formatter: (value: number) => figure(value) }),
        },
      }));
      chart.setOption(
        {
          parallel: { left: 80, right: 120, top: 48, bottom: 30 },
          parallelAxis,
          series: [
            { type: 'parallel', data: lines, smooth: 0.15, inactiveOpacity: 0.05, activeOpacity: 1, animation: false },
          ],
        },
        { notMerge: true },
      );
    },
  };
}

// ---------------------------------------------------------------------------

/**
 * A param with few values gets an axis with one tick per value. Other numbers get a linear axis, or a logarithmic one
 * if they span a factor of twenty or more.
 */
function axisOf(name: string, path: string, runs: ComparedRun[]): ParallelAxis {
  const values = runs.map(({ params }) => params[path] ?? null);
  const numbers = values.map((value) => (value === null || value.trim() === '' ? NaN : Number(value)));
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  if (numbers.every(Number.isFinite) && distinct.length <= FEW_VALUES)
    return {
      name,
      type: 'category',
      data: distinct.map(String),
      valueOf: ({ params }) => String(Number(params[path])),
    };
  if (numbers.every(Number.isFinite)) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return { name, type: low > 0 && high / low >= 20 ? 'log' : 'value', valueOf: ({ params }) => Number(params[path]) };
  }
  const words = [...new Set(values.map((value) => shown(value)))].sort();
  return { name, type: 'category', data: words, valueOf: ({ params }) => shown(params[path] ?? null) };
}

/** The better end is at the top. */
function resultAxis({ metric, metricNames, lessIsBetter }: Comparison): ParallelAxis {
  return {
    name: `best ${(metric === null ? undefined : metricNames[metric]) ?? metric ?? ''}`,
    type: 'value',
    inverse: lessIsBetter,
    valueOf: ({ best }) => best?.value ?? null,
  };
}

const shown = (value: string | null): string =>
  value === null ? '–' : value.length > 18 ? `${value.slice(0, 17)}…` : value;
