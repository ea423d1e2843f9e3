import type { ComparedRun, Comparison } from '../comparison.ts';
import type { LineStyle } from './colours.ts';
import { element } from './element.ts';
import { duration, figure } from './figures.ts';
import { swatch } from './swatch.ts';

interface Column {
  head: string;
  text(run: ComparedRun): string;
  /** the value to sort by; rows without one are last */
  order(run: ComparedRun): number | string | null;
  /** highlights the best value of the column */
  best?: 'least' | 'most';
  isText?: boolean;
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
    element('th', column.isText ? { class: 'text', scope: 'col' } : { scope: 'col' }, column.head),
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
    element('table', {}, element('thead', {}, element('tr', {}, element('th', { class: 'text' }, ''), ...head)), body),
  );
  return {
    root,
    draw(styles, hidden) {
      rows.forEach((row, index) => {
        row.classList.toggle('off', hidden.has(index));
        row.setAttribute('aria-pressed', String(!hidden.has(index)));
        row.firstElementChild?.replaceChildren(swatch(styles[index]!));
      });
    },
  };
}

// ---------------------------------------------------------------------------

function columnsOf({ differing, equalTokens, lessIsBetter }: Comparison): Column[] {
  const best = lessIsBetter ? 'least' : 'most';
  const params = differing.map(({ path, name }): Column => ({
    head: name,
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
    { head: 'run', text: ({ run }) => run, order: ({ run }) => run, isText: true },
  ];
}

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
      column.best && isBest(run, runs, column) ? 'winner' : '',
    ]
      .filter(Boolean)
      .join(' ');
    return element('td', classes ? { class: classes } : {}, column.text(run));
  });
  const row = element(
    'tr',
    { tabindex: '0', role: 'button', title: 'click to hide or show the curve' },
    element('td', { class: 'text' }),
    ...cells,
  );
  row.addEventListener('click', on.toggle);
  row.addEventListener('keydown', ({ key }) => void (key === 'Enter' && on.toggle()));
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
