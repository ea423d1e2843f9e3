import type { Placing } from './needs.ts';
import type { Json } from './yaml/tree.ts';

/** The parsed YAML: named stages and their edges, every default filled in. */
export interface Pipeline {
  name: string;
  /** the shelf in the tracker; the pipeline's name unless given */
  experiment: string;
  stages: Stage[];
  /** the tracking server named in the file, if any */
  trackingUri: string | null;
  /** null unless this is one point of a sweep */
  point: SweepPoint | null;
}

export interface Stage extends Placing {
  name: string;
  kind: string;
  /** port → the stage that feeds it */
  inputs: Record<string, string>;
  params: { [key: string]: Json };
  runtime: { [key: string]: Json };
}

export interface SweepPoint {
  index: number;
  /** how many points the sweep has */
  of: number;
  /** dotted path → this point's value */
  values: Record<string, Json>;
  /** `peak=0.0003`: the differing values, shortest names; used as a legend */
  title: string;
}
