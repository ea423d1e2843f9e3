import type { RunRecord } from './journal.ts';

/** Defaults are left to `pipeline.yaml`, because they hide the params that somebody chose. */
export function sentParams({ params, chosen }: RunRecord): Record<string, string> {
  if (!chosen) return params;
  return Object.fromEntries(chosen.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));
}
