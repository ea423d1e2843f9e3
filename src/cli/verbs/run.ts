import { ON_FAILURE } from '../../run/session.ts';
import { anyNumber, defineVerb, oneOf, optional, shorthand, texts, toggle, wholeNumber } from '../verb.ts';

export const runVerb = defineVerb({
  name: 'run',
  group: 'Run',
  positionals: {
    file: optional('FILE', 'pipeline', 'without it, the `pipeline:` of runner.yaml'),
    stages: anyNumber('STAGE', 'stage', 'run only these stages and the ones they need'),
  },
  about: 'run a pipeline; skips cached stages, resumes interrupted ones',
  flags: {
    set: texts('path=value', 'change a value, e.g. --set stages.model.params.steps=500 (repeatable)', 'set-path'),
    jobs: wholeNumber('N', 'run at most N stages at once (default: as many as the machine has room for)', {
      least: 1,
      short: 'j',
    }),
    onFailure: oneOf('MODE', 'what to do with the other stages when one fails (see below)', {
      choices: ON_FAILURE,
      absent: 'keep-going',
    }),
    keepGoing: shorthand('onFailure', 'keep-going', 'same as --on-failure keep-going'),
    failFast: shorthand('onFailure', 'stop', 'same as --on-failure stop'),
    detach: toggle('run in the background; see `attach` and `stop`'),
    json: toggle('print a summary of each stage as JSON at the end; everything else goes to stderr'),
  },
  notes: [
    '--on-failure takes one of:',
    '  keep-going  run every stage that does not need the failed one (the default)',
    '  no-new      let running stages finish, start no others',
    '  stop        let running stages save their state and stop',
    '  kill        end running stages at once',
    '',
    'Independent stages run side by side. A stage in the file may have, next to `params`:',
    '  needs: { cpu: 2, memory: 8, gpu: 1 }   cores (or `all`), GB and GPUs; the stage waits until they are free.',
    '                                         The default is all cores for a stage that computes, else one.',
    '  retry: { times: 2, growMemory: 1.5 }   restart it when its process dies, each time with more memory;',
    '                                         bad input is not retried',
    '  timeLimit: 2h                          after this time it saves its state and stops; the next run resumes it',
    '',
    'A file with `sweep:` starts one run per point: `grid` combines all values, `list` pairs them up by position,',
    '`random` draws some. `halving` trains only the best points further.',
    'Running the file again finishes the sweep or adds new points; see pipelines/sweep-halving.yaml.',
    '',
    'Ctrl-C lets running stages save their state and stop; a second Ctrl-C stops them at once.',
    'If the runner itself is killed, its stages keep running and the same command picks them up again.',
    'SIGUSR1 (kill -USR1 PID) makes a training stage save a checkpoint and continue.',
    'MLFLOW_TRACKING_URI, or tracking: { uri: … } in the file, names an MLflow server that receives every run.',
    '',
    'Exit code: 0 done, 1 a stage failed, 2 the command or the file is wrong, 130 you stopped it.',
  ],
  examples: ['run pipelines/quickstart.yaml --set stages.model.params.schedule.peak=0.001'],
  run: async () => (await import('../run/run.ts')).runPipeline,
});
