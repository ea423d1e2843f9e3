import type { Placing } from './needs.ts';
import type { Json } from './yaml/tree.ts';

/** The parsed YAML: named stages and their edges, every default filled in. */
export interface Pipeline {
  name: string;
  /** the experiment in the tracker; null if the file names none */
  experiment: string | null;
  stages: Stage[];
  /** the tracking server named in the file, if any */
  trackingUri: string | null;
  /** whether the tracker gets the trained models, and under which name it registers them; absent: it does not */
  trackedModel?: TrackedModel | null;
  /** what the file says about its runs for people; part of no key */
  labels: PipelineLabels | null;
  /** the params, by dotted path with the stage first, that the file, `use:`, `--set` or a sweep gives; absent: all */
  chosen?: ReadonlySet<string>;
  /** null unless this is one point of a sweep */
  point: SweepPoint | null;
}

export interface TrackedModel {
  /** null: not registered */
  register: string | null;
}

export interface PipelineLabels {
  description: string | null;
  /** `name` or `name=value` */
  tags: string[];
  notes: string | null;
}

export interface Stage extends Placing {
  name: string;
  kind: string;
  /** port → the stage whose result it reads */
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
  /** dotted path → the name of the file, for values that are taken from a used file */
  names?: Record<string, string>;
  /** the swept values with their shortest names, `peak=0.0003`; used as a legend */
  title: string;
}
