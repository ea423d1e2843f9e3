import { defineVerb, required, texts, toggle } from '../verb.ts';

export const graphVerb = defineVerb({
  name: 'graph',
  group: 'Plan',
  positionals: { file: required('FILE', 'pipeline') },
  about: 'draw how the stages depend on each other',
  flags: {
    mermaid: toggle('print a Mermaid diagram, for Markdown'),
    set: texts('path=value', 'change a value, as for run', 'set-path'),
    json: toggle('print stages and edges as JSON'),
  },
  examples: ['graph pipelines/fb-345m.yaml --mermaid'],
  run: async () => (await import('../plan/graph.ts')).printGraph,
});
