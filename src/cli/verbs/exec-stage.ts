import type { kinds } from '../../../stages/index.ts';
import type { StageKind } from '../../pipeline/stage-kind.ts';
import { digestSource } from '../../store/sources/digest.ts';
import { runStageHere } from '../../run/executor/stage-process.ts';
import { readArguments } from '../verb.ts';

/**
 * `runner exec-stage SPEC`: what every executor starts. Exit code 0 done, 1 failed, 3 stopped on request, 4 another
 * process works at the same key.
 */
export async function execStageVerb(argv: string[]): Promise<number> {
  const { positionals } = readArguments('exec-stage', argv, [], [1, 1]);
  return runStageHere(positionals[0] as string, {
    version: async (kind) => (await kindOf(kind)).version,
    run: async (kind, call) => (await kindOf(kind)).run(call),
    digestSource: async (kind, param, { path, statsDir }) =>
      digestSource(path, (await kindOf(kind)).sourceFiles?.(param, path) ?? null, { statsDir }),
  });
}

// ---------------------------------------------------------------------------

/**
 * One kind without the others: a stage that only reads text must not wait for tensors. The type keeps it as complete as
 * `stages/index.ts`.
 */
const load: { [Name in keyof typeof kinds]: () => Promise<(typeof kinds)[Name] & { run: unknown }> } = {
  ingest: async () => (await import('../../../stages/ingest.ts')).ingest,
  tokenize: async () => (await import('../../../stages/tokenize.ts')).tokenize,
  shards: async () => (await import('../../../stages/shards.ts')).shards,
  train: async () => (await import('../../../stages/train.ts')).train,
  sample: async () => (await import('../../../stages/sample.ts')).sample,
  evaluate: async () => (await import('../../../stages/evaluate.ts')).evaluate,
  command: async () => (await import('../../../stages/command.ts')).command,
};

async function kindOf(name: string): Promise<StageKind> {
  if (!Object.hasOwn(load, name)) throw new Error(`no stage kind "${name}"`);
  return (await load[name as keyof typeof load]()) as unknown as StageKind;
}
