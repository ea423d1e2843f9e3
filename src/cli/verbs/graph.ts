import { defineVerb, optional, texts, toggle } from '../verb.ts';

export const graphVerb = defineVerb({
  name: 'graph',
  group: 'Plan',
  positionals: { file: optional('FILE', 'pipeline', 'without it, the `pipeline:` of runner.yaml') },
  about: 'draw how the stages depend on each other',
  flags: {
    mermaid: toggle('print a Mermaid diagram, for Markdown'),
    set: texts('path=value', 'change a value, as for run', 'set-path'),
    json: toggle('print stages and edges as JSON'),
  },
  examples: ['graph pipelines/fb-345m.yaml --mermaid'],
  run: async () => (await import('../plan/graph.ts')).printGraph,
});
