import { normalized } from '../diagnostic/nearest.ts';
import { flowText } from '../schema/flow-text.ts';
import type { Json } from '../yaml/tree.ts';

/** What MLflow and other trackers call the keys at the top of a file: what to write instead, or null. */
export function trackerWord(key: string, value: Json): string | null {
  if (typeof value !== 'string') return null;
  switch (normalized(key)) {
    case 'mlflow':
    case 'mlflowuri':
    case 'mlflowtrackinguri':
    case 'trackinguri':
    case 'trackingurl':
      return `write ${flowText('tracking', { uri: value })}`;
    case 'experimentname':
    case 'mlflowexperiment':
    case 'mlflowexperimentname':
    case 'wandbproject':
    case 'project':
      return `write ${flowText('experiment', value)}`;
    case 'runname':
    case 'title':
      return 'runs are named after the pipeline: change its `name`';
    default:
      return null;
  }
}
