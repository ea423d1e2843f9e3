import { Type } from '@sinclair/typebox';

/**
 * The resources that a stage occupies while it runs. They are not part of the key: they affect when a stage runs, but
 * not its result.
 */
export interface Needs {
  cpu: number;
  /** GB, of 1e9 bytes */
  memory: number;
  /** whole devices */
  gpu: number;
}

/** The resources of the machine. */
export interface Capacity {
  cpu: number;
  /** GB */
  memory: number;
  /** device ids, as CUDA_VISIBLE_DEVICES names them */
  gpus: string[];
}

export const DURATION = '^(?=.)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$';

/** Keys of a stage beside its `params`: how it is run, not what it does. */
export const placingSchemas = {
  needs: Type.Optional(
    Type.Object(
      {
        cpu: Type.Optional(
          Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('all')], {
            description: 'cores; default: all for a stage that computes, else 1',
          }),
        ),
        memory: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, description: 'GB; also limits the heap of the stage' }),
        ),
        gpu: Type.Optional(
          Type.Integer({ minimum: 0, description: 'number of GPUs; the stage gets their ids in CUDA_VISIBLE_DEVICES' }),
        ),
      },
      {
        additionalProperties: false,
        description:
          'the resources that the stage occupies; stages run side by side while there is enough for all. Not part of the cache key',
      },
    ),
  ),
  retry: Type.Optional(
    Type.Object(
      {
        times: Type.Integer({
          minimum: 1,
          maximum: 20,
          description: 'further attempts after the process died; each resumes from what the last one saved',
        }),
        growMemory: Type.Optional(
          Type.Number({
            minimum: 1,
            maximum: 10,
            description: 'factor by which `needs.memory` grows with each further attempt',
          }),
        ),
      },
      {
        additionalProperties: false,
        description: 'when to start the stage again; bad input is never retried. Not part of the cache key',
      },
    ),
  ),
  timeLimit: Type.Optional(
    Type.String({
      pattern: DURATION,
      description:
        'a time such as 90s, 30m, 2h or 1d12h, after which the stage saves its state and stops; the next run resumes it. Not part of the cache key',
    }),
  ),
};

/** As written in the file. */
export interface Placing {
  needs?: { cpu?: number | 'all' | undefined; memory?: number | undefined; gpu?: number | undefined };
  retry?: { times: number; growMemory?: number };
  timeLimit?: string;
}

/**
 * The needs of an attempt; the first one is 1. A stage that asks for more cores or memory than there are gets all of
 * them. Devices are not reduced, see `isPossible`.
 */
export function needsOf(
  { needs = {}, retry }: Placing,
  { computes, attempt, capacity }: { computes: boolean; attempt: number; capacity: Capacity },
): Needs {
  const cpu = needs.cpu ?? (computes ? 'all' : 1);
  const memory = (needs.memory ?? 0) * (retry?.growMemory ?? 1) ** (attempt - 1);
  return {
    cpu: cpu === 'all' ? capacity.cpu : Math.min(cpu, capacity.cpu),
    memory: Math.min(memory, capacity.memory),
    gpu: needs.gpu ?? 0,
  };
}

/** Whether this machine has enough devices for the stage. */
export const isPossible = ({ needs }: Placing, { gpus }: Capacity): boolean => (needs?.gpu ?? 0) <= gpus.length;

/** `1d12h`, `90s` → milliseconds */
export function durationMs(text: string): number {
  const unitMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit as string] as number),
    0,
  );
}
