import { defineVerb, required } from '../../verb.ts';

export const execStageVerb = defineVerb({
  name: 'exec-stage',
  group: 'internal',
  positionals: { spec: required('SPEC', 'file') },
  about: 'run one stage from its frozen spec; executors call this',
  anywhere: true,
  flags: {},
  notes: ['Exit code: 0 done, 1 failed, 3 stopped on request, 4 another process is running the same stage.'],
  examples: ['exec-stage runs/store/work/KEY/spec.json'],
  computes: true,
  run: async () => (await import('../../run/exec-stage.ts')).execStage,
});
