import { anyNumber, defineVerb, optional, texts, toggle } from '../verb.ts';

export const planVerb = defineVerb({
  name: 'plan',
  group: 'Plan',
  positionals: {
    file: optional('FILE', 'pipeline', 'without it, the `pipeline:` of runner.yaml'),
    stages: anyNumber('STAGE', 'stage', 'only these stages and the ones they need'),
  },
  about: 'show what would run and why, without running anything',
  flags: {
    set: texts('path=value', 'change a value, as for run', 'set-path'),
    json: toggle('print it as JSON'),
  },
  examples: ['plan pipelines/fb-345m.yaml'],
  run: async () => (await import('../plan/plan.ts')).printPlan,
});
