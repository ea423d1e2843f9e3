import { defineVerb } from '../../verb.ts';

export const schemasVerb = defineVerb({
  name: 'schemas',
  group: 'internal',
  positionals: {},
  about: 'write the JSON schemas that editors use; `npm run schemas` calls this',
  anywhere: true,
  flags: {},
  examples: ['schemas'],
  run: async () => (await import('../../plan/schemas.ts')).writeSchemas,
});
