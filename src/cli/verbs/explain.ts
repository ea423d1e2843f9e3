import { defineVerb, required, texts, toggle } from '../verb.ts';

export const explainVerb = defineVerb({
  name: 'explain',
  group: 'Plan',
  positionals: { file: required('FILE', 'pipeline'), stage: required('STAGE', 'stage') },
  about: 'show why a stage would run: each change (old → new), traced to its origin',
  flags: {
    set: texts('path=value', 'change a value, as for run', 'set-path'),
    json: toggle('print it as JSON'),
  },
  examples: ['explain pipelines/quickstart.yaml model --set stages.tokens.params.validation=0.2'],
  run: async () => (await import('../plan/explain.ts')).printExplanation,
});
