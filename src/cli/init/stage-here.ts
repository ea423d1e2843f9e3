import { mkdirSync } from 'node:fs';
import { kinds } from '../../../stages/index.ts';
import type { StageEvent } from '../../pipeline/events.ts';
import { checkSchema } from '../../pipeline/schema/check.ts';
import { StageInputError } from '../../pipeline/stage-kind.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';

interface StageHere {
  kind: 'ingest' | 'tokenize';
  params: { [key: string]: Json };
  inputs?: Record<string, string>;
  sources?: Record<string, string>;
  /** a new folder for the artifact */
  outDir: string;
  emit(event: StageEvent): void;
}

/** Runs a stage in this process, outside of any store. Throws a UserError if the user's input is at fault. */
export async function runStageHere({ kind, params, inputs, sources, outDir, emit }: StageHere): Promise<void> {
  const scratchDir = `${outDir}.scratch`;
  for (const dir of [outDir, scratchDir]) mkdirSync(dir, { recursive: true });
  try {
    await kinds[kind]!.run({
      params: paramsWithDefaults(kind, params),
      runtime: {},
      inputs: inputs ?? {},
      sources: sources ?? {},
      outDir,
      scratchDir,
      emit,
      signal: new AbortController().signal,
    });
  } catch (error) {
    if (!(error instanceof StageInputError)) throw error;
    throw new UserError(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
  }
}

/** The params of a stage as the runner would complete them. */
export function paramsWithDefaults(kind: string, params: { [key: string]: Json }): { [key: string]: Json } {
  const { value, problems } = checkSchema(kinds[kind]!.params, params);
  if (problems.length > 0)
    throw new Error(`bug in init: ${kind}: ${problems.map(({ message }) => message).join('; ')}`);
  return value as { [key: string]: Json };
}
