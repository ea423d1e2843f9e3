import { dirname, join } from 'node:path';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { artifactsOf } from '../../history/past-runs.ts';
import type { StoryOrigin } from '../../pages/run-story.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import { valueAt } from '../../pipeline/yaml/tree.ts';
import { openStore, readPreImage } from '../../store/store.ts';
import { short } from '../screen/shown-values.ts';

/** Stage → what its result was made from, as far as the store still knows. */
export function originsOf(past: PastRun): Map<string, StoryOrigin> {
  const store = openStore(join(dirname(past.dir), 'store'));
  const frozen = frozenStages(past);
  const makers = new Map([...artifactsOf(past)].map(([stage, artifact]) => [artifact as string, stage]));
  const origins = (past.record?.stages ?? []).flatMap(({ name, key, artifact }): [string, StoryOrigin][] => {
    const preImage = key && artifact ? readPreImage(store, key as Key) : null;
    if (!preImage || !key || !artifact) return [];
    const { version, inputs, sources, environment } = preImage;
    // A key has no paths, so they come from the params.
    const named = (param: string): string | null => {
      const value = valueAt(frozen[name]?.params ?? {}, param.split('.'));
      return typeof value === 'string' ? value : null;
    };
    const origin: StoryOrigin = {
      artifact,
      key,
      version,
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([port, input]) => [port, makers.get(input) ?? short(input)]),
      ),
      sources: Object.entries(sources).map(([param, digest]) => ({ param, named: named(param), digest })),
      environment: environment ?? {},
    };
    return [[name, origin]];
  });
  return new Map(origins);
}
