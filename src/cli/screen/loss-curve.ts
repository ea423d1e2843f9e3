import { shownMetric } from '../../history/metric-names.ts';
import { curveLines, type CurvePoint } from './curve.ts';
import type { Colours } from './style.ts';

/** The held-out loss while a model was trained; its training loss as long as the other was measured too rarely. */
export function lossCurve(metrics: Map<string, CurvePoint[]>, columns: number, colours: Colours): string[] {
  for (const end of ['eval/loss', 'train/loss']) {
    const [name, points] = [...metrics].find(([given]) => given === end || given.endsWith(`/${end}`)) ?? [];
    const curve = curveLines(points ?? [], columns);
    if (curve.length > 0) return [colours.dim(`  ${shownMetric(name!)}`), ...curve];
  }
  return [];
}
