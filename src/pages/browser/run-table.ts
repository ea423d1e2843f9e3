import type { ComparedRun, Comparison } from '../comparison.ts';
import type { LineStyle } from './colours.ts';
import { element } from './element.ts';
import { duration, figure } from './figures.ts';
import { swatch } from './swatch.ts';

/** More columns than this push the results out of the page; the list below the table has the others. */
export const MOST_PARAMS = 4;

interface Column {
  head: string;
  text(run: ComparedRun): string;
  /** the value to sort by; rows without one are last */
  order(run: ComparedRun): number | string | null;
  /** highlights the best value of the column */
  best?: 'least' | 'most';
  isText?: boolean;
  isParam?: boolean;
}

export interface RunTable {
  root: HTMLElement;
  draw(styles: LineStyle[], hidden: ReadonlySet<number>): void;
}

/**
 * A table with one row per run: the params that differ, then the results. It is also the legend: clicking a row hides
 * or shows the run's curve.
 */
export function runTable(
  comparison: Comparison,
  { toggle, hover }: { toggle(run: number): void; hover(run: number | null): void },
): RunTable {
  const columns = columnsOf(comparison);
  const head = columns.map((column) =>
    element(
      'th',
      { scope: 'col', class: column.isText ? 'text' : column.isParam ? 'param' : '' },
      element('button', { type: 'button' }, column.head),
    ),
  );
  const rows = comparison.runs.map((run, index) =>
    rowOf(run, comparison.runs, columns, { toggle: () => toggle(index), hover: (on) => hover(on ? index : null) }),
  );
  const body = element('tbody', {}, ...rows);
  head.forEach((cell, index) =>
    cell.addEventListener('click', () => sortBy(columns[index]!, cell, head, comparison.runs, rows, body)),
  );
  const root = element(
    'div',
    { class: 'scroll' },
    element('table', {}, element('thead', {}, element('tr', {}, element('td', { class: 'text' }), ...head)), body),
  );
  return {
    root,
    draw(styles, hidden) {
      rows.forEach((row, index) => {
        row.classList.toggle('off', hidden.has(index));
        const button = row.querySelector('button')!;
        button.setAttribute('aria-pressed', String(!hidden.has(index)));
        button.replaceChildren(swatch(styles[index]!));
      });
    },
  };
}

// ---------------------------------------------------------------------------

function columnsOf({ differing, equalTokens, lessIsBetter }: Comparison): Column[] {
  const best = lessIsBetter ? 'least' : 'most';
  const params = differing.slice(0, MOST_PARAMS).map(({ path, name }): Column => ({
    head: name,
    isParam: true,
    text: ({ params }) => cut(params[path] ?? '–'),
    order: ({ params }) => orderOf(params[path] ?? null),
  }));
  return [
    ...params,
    { head: 'best', text: (run) => figure(run.best?.value), order: (run) => run.best?.value ?? null, best },
    { head: 'at step', text: (run) => figure(run.best?.step), order: (run) => run.best?.step ?? null },
    { head: 'last', text: (run) => figure(run.last?.value), order: (run) => run.last?.value ?? null, best },
    ...(equalTokens === null
      ? []
      : [
          {
            head: `at ${figure(Math.round(equalTokens))} tokens`,
            text: (run: ComparedRun) => figure(run.atEqualTokens),
            order: (run: ComparedRun) => run.atEqualTokens,
            best,
          } as Column,
        ]),
    {
      head: 'tokens',
      text: (run) => figure(run.tokens === null ? null : Math.round(run.tokens)),
      order: (run) => run.tokens,
    },
    { head: 'duration', text: (run) => duration(run.seconds), order: (run) => run.seconds },
    { head: 'outcome', text: ({ outcome }) => outcome, order: ({ outcome }) => outcome, isText: true },
    {
      head: 'started',
      text: ({ startedMs }) => day(startedMs),
      order: ({ startedMs }) => startedMs,
      isText: true,
    },
    { head: 'run', text: ({ name }) => name, order: ({ name }) => name, isText: true },
  ];
}

const day = (ms: number): string => new Date(ms).toLocaleDateString('en-CA');

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

function orderOf(value: string | null): number | string | null {
  return value !== null && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function rowOf(
  run: ComparedRun,
  runs: ComparedRun[],
  columns: Column[],
  on: { toggle(): void; hover(on: boolean): void },
): HTMLTableRowElement {
  const cells = columns.map((column) => {
    const classes = [
      column.isText ? 'text' : '',
      column.head === 'run' ? 'run' : '',
      column.isParam ? 'param' : '',
      column.best && isBest(run, runs, column) ? 'winner' : '',
    ]
      .filter(Boolean)
      .join(' ');
    const attributes = { 'data-head': column.head, ...(classes ? { class: classes } : {}) };
    return element('td', attributes, column.text(run));
  });
  const button = element('button', { type: 'button', class: 'shown', 'aria-label': `curve of ${run.name}` });
  const row = element(
    'tr',
    { title: 'click to hide or show the curve' },
    element('td', { class: 'text' }, button),
    ...cells,
  );
  row.addEventListener('click', on.toggle);
  row.addEventListener('mouseenter', () => on.hover(true));
  row.addEventListener('mouseleave', () => on.hover(false));
  return row;
}

function isBest(run: ComparedRun, runs: ComparedRun[], { best, order }: Column): boolean {
  const values = runs.map(order).filter((value) => typeof value === 'number');
  return values.length > 1 && order(run) === (best === 'least' ? Math.min(...values) : Math.max(...values));
}

function sortBy(
  column: Column,
  cell: HTMLElement,
  head: HTMLElement[],
  runs: ComparedRun[],
  rows: HTMLElement[],
  body: HTMLElement,
): void {
  const direction = cell.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
  for (const other of head) other.removeAttribute('aria-sort');
  cell.setAttribute('aria-sort', direction === 1 ? 'ascending' : 'descending');
  const sorted = rows
    .map((row, index) => ({ row, value: column.order(runs[index]!) }))
    .sort((a, b) => compared(a.value, b.value, direction));
  body.replaceChildren(...sorted.map(({ row }) => row));
}

function compared(a: number | string | null, b: number | string | null, direction: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return direction * (a - b);
  return direction * String(a).localeCompare(String(b));
}
