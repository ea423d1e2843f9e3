import { Type } from '@sinclair/typebox';
import type { ObjectOptions, TObject, TProperties } from '@sinclair/typebox';
import type { ArtifactType, StageContract, ValuesOf } from './stage-kind.ts';

type Defaulted = 'sources' | 'optionalSources' | 'inputs' | 'optionalInputs' | 'trackedFiles' | 'sizeParams';

/** A contract as a kind writes it: bare properties instead of schemas, and only what differs from the defaults. */
type Definition<P extends TProperties, R extends TProperties> = Omit<
  StageContract<P, R>,
  Defaulted | 'params' | 'runtime' | 'output'
> &
  Partial<Pick<StageContract<P, R>, Defaulted>> & {
    params: P;
    runtime?: R;
    output: ArtifactType | ((params: ValuesOf<P>) => ArtifactType);
  };

/** Fills in what a definition leaves out: no runtime params, no sources, no inputs, nothing tracked. */
export function defineContract<P extends TProperties, R extends TProperties = Record<never, never>>({
  params,
  runtime,
  output,
  ...definition
}: Definition<P, R>): StageContract<P, R> {
  return {
    sources: [],
    optionalSources: [],
    inputs: {},
    optionalInputs: {},
    trackedFiles: [],
    sizeParams: [],
    ...definition,
    params: closedObject(params),
    runtime: closedObject(runtime ?? ({} as R)), // if omitted, R is the type without keys
    output: typeof output === 'string' ? () => output : output,
  };
}

/** The schema of an object that may have these keys and no others. */
export function closedObject<P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}
