import { defineVerb, required, toggle } from '../verb.ts';

export const lineageVerb = defineVerb({
  name: 'lineage',
  group: 'Inspect',
  positionals: { result: required('ARTIFACT | FILE | RUN/STAGE', 'stage-result') },
  about: 'trace a result back through the stages that made it, down to your files',
  flags: { json: toggle('print it as JSON') },
  notes: [
    'ARTIFACT is a digest, or at least its first four characters.',
    'FILE is a file or folder below runs/RUN/stages.',
  ],
  examples: ['lineage latest/samples'],
  run: async () => (await import('../inspect/lineage.ts')).printLineage,
});
