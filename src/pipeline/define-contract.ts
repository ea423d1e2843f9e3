import { Type } from '@sinclair/typebox';
import type { ArrayOptions, ObjectOptions, TArray, TObject, TProperties, TString } from '@sinclair/typebox';
import { OR_BARE_TEXT } from './schema/bare-text.ts';
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

/** A list of texts. A bare text in its place means the list of that one text: the params, and so the key, are equal. */
export const textOrList = (options: ArrayOptions): TArray<TString> =>
  Type.Array(Type.String(), { ...options, [OR_BARE_TEXT]: true });

/** The schema of an object that may have these keys and no others. */
export function closedObject<P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}
