/** The script of the page that `runner show RUN --html` writes: draws the curves of the run. */
import type { Comparison } from '../comparison.ts';
import { curvesView, paletteFor } from './curves-view.ts';

const comparison = JSON.parse(document.getElementById('run-curves')!.textContent) as Comparison | null;
if (comparison) draw(comparison, document.getElementById('curves')!);

function draw(run: Comparison, host: HTMLElement): void {
  const view = curvesView(run, { label: 'the curve that is chosen above', hint: 'Ctrl + wheel to zoom' });
  host.append(...view.parts);
  view.start();
  const redraw = (): void => view.draw(paletteFor(1), new Set());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  redraw();
}
