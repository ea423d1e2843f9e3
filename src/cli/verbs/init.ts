import { defineVerb, optional, text } from '../verb.ts';

export const initVerb = defineVerb({
  name: 'init',
  group: 'Run',
  positionals: { dir: optional('DIR', 'file', 'the folder of the project, by default the current one') },
  about: 'make a project: read your chats, time a training step, write a pipeline',
  flags: { data: text('PATH', 'your chats as downloaded: a file, a folder or a .zip; else invented ones', 'file') },
  notes: [
    'It names the format, the people and the size of the data, times training steps on this machine, and',
    'chooses a model and a number of steps that take at most two hours. The comments in the pipeline say how.',
    'It overwrites nothing.',
    '',
    'A project is a folder with a runner.yaml. In it and below it, runs/, data/ and relative paths are those of',
    'the project, and `run` without a file runs its pipeline. runner.yaml may hold, or leave out:',
    '  pipeline: chats.yaml       what `run`, `plan` and `graph` take if you name no file',
    '  runs: /mnt/large/runs      the folder for runs and results; --runs DIR and RUNNER_RUNS take precedence',
    '  data: ~/exports            the folder that data/ means in pipelines',
  ],
  anywhere: true,
  examples: ['init my-chats --data ~/Downloads/facebook-export.zip'],
  run: async () => (await import('../init/init.ts')).initProject,
});
