import { defineContract } from '../../src/pipeline/define-contract.ts';
import type { ParamFault } from '../../src/pipeline/stage-kind.ts';
import { precisionFaults } from '../shared-params.ts';
import { FLOORS, params } from './params.ts';

export const contract = defineContract({
  kind: 'turing',
  version: 1,
  summary: 'makes a blind test of a model: which text really continued the conversation, and which is generated?',
  params,
  inputs: { 'held-out': 'tokens', '*': 'checkpoint' },
  output: 'questions',
  computesWith: ({ engine, precision }) => ({ engine, precision }),
  check(given, ports) {
    const models = ports.filter((port) => port !== 'held-out');
    const faults: ParamFault[] = precisionFaults(given);
    if (ports.length > 0 && models.length === 0)
      faults.push({
        path: '',
        message: 'there is no checkpoint to test',
        hint: 'inputs: { held-out: the tokens, model: a stage that makes a checkpoint }',
      });
    const taken = models.find((name) => RESERVED.has(name));
    if (taken !== undefined)
      faults.push({
        path: '',
        message: `an input cannot be called "${taken}", which names another rival`,
        hint: 'give this checkpoint another name under `inputs`',
      });
    return faults;
  },
  trackedFiles: ['report.json', 'report.md'],
  run: async (context) => (await import('../turing.ts')).run(context),
});

const RESERVED: ReadonlySet<string> = new Set([...FLOORS, 'real']);
