import type { Comparison } from '../comparison.ts';
import { element } from './element.ts';
import { MOST_PARAMS } from './run-table.ts';

/** The params that have no column in the table, with the runs that have each value; then what all runs share. */
export function paramLists({ differing, common, runs }: Comparison): HTMLElement[] {
  const rest = differing.slice(MOST_PARAMS);
  const valuesOf = (path: string): HTMLElement[] =>
    [...new Set(runs.map(({ params }) => params[path] ?? null))].map((value) =>
      element(
        'div',
        {},
        element('code', {}, value ?? '–'),
        ' ',
        element(
          'span',
          { class: 'quiet' },
          runs
            .filter(({ params }) => (params[path] ?? null) === value)
            .map(({ name }) => name)
            .join(', '),
        ),
      ),
    );
  const data = [...new Set(runs.map((run) => run.data.join(', ')))].filter((text) => text !== '');
  return [
    ...(rest.length > 0
      ? [
          folded(
            `${rest.length} more ${rest.length === 1 ? 'param differs' : 'params differ'}`,
            rest.map(({ path }) => [path, valuesOf(path)]),
          ),
        ]
      : []),
    ...(common.length > 0
      ? [
          folded(
            `${common.length} chosen ${common.length === 1 ? 'param is' : 'params are'} the same in all runs`,
            common.map(({ path, value }) => [path, [element('code', {}, value)]]),
          ),
        ]
      : []),
    ...(data.length > 0
      ? [
          element('h3', {}, 'Data'),
          ...data.map((text) =>
            element(
              'p',
              { class: 'data' },
              text,
              ...(data.length > 1
                ? [
                    element(
                      'span',
                      { class: 'quiet' },
                      ` ${runs
                        .filter((run) => run.data.join(', ') === text)
                        .map(({ name }) => name)
                        .join(', ')}`,
                    ),
                  ]
                : []),
            ),
          ),
        ]
      : []),
  ];
}

function folded(summary: string, rows: [path: string, values: HTMLElement[]][]): HTMLElement {
  const list = rows.flatMap(([path, values]) => [element('dt', {}, path), element('dd', {}, ...values)]);
  return element('details', {}, element('summary', {}, summary), element('dl', { class: 'params' }, ...list));
}
