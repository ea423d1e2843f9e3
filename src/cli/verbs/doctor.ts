import { defineVerb, toggle } from '../verb.ts';

export const doctorVerb = defineVerb({
  name: 'doctor',
  group: 'Maintain',
  positionals: {},
  about: 'check that this machine has what a run needs, and suggest fixes',
  flags: { json: toggle('print it as JSON') },
  notes: ['Exit code: 0 no problems, 1 something would make a run fail.'],
  examples: ['doctor'],
  run: async () => (await import('../machine/doctor.ts')).doctor,
});
