import type { Colours } from './style.ts';

interface VerbHelp {
  form: string;
  what: string;
  more: string[];
}

const verbHelp: Record<string, VerbHelp> = {
  run: {
    form: 'run FILE',
    what: 'run a pipeline; what is cached is not run again, what was killed goes on',
    more: [
      '--set path=value   change one value, e.g. --set stages.model.params.steps=500 (may be repeated)',
      '--json             print, last and alone on stdout, what became of each stage; everything else goes to stderr',
      '',
      'Ctrl-C lets the running stage save and stops; a second Ctrl-C stops at once. Run again to go on.',
      'SIGUSR1 (kill -USR1 PID) lets a training save and go on.',
      'Exit code: 0 done, 1 a stage failed, 2 the file is wrong, 130 stopped by you.',
      'MLFLOW_TRACKING_URI, or tracking: { uri } in the file, names a server that gets every run.',
      '',
      'example: ./runner run pipelines/quickstart.yaml --set stages.model.params.schedule.peak=0.001',
    ],
  },
  plan: {
    form: 'plan FILE',
    what: 'say what would run, and why; run nothing',
    more: ['--set path=value   as for run', '--json             the same as JSON', '', 'example: ./runner plan pipelines/fb-345m.yaml'],
  },
  ui: {
    form: 'ui',
    what: 'start MLflow on 127.0.0.1 with every run in it, and print the links',
    more: ['--port number   default: a free one from 5000 on', '', 'Runs that were never sent (no server, or it was away) are sent now. Ctrl-C stops the server.'],
  },
  setup: {
    form: 'setup [mlflow | weights NAME]',
    what: 'get what later steps need now: TensorFlow, the server `mlflow`, or published weights',
    more: [
      'weights NAME   124M or 355M (once called 117M and 345M) from Hugging Face, checked by size and sha256; goes on where it broke off.',
      '               HF_ENDPOINT names a mirror, RUNNER_WEIGHTS a folder for them. OpenAI\'s licence asks to mark what they write where it could be mistaken.',
      'RUNNER_TENSORFLOW names a folder with libtensorflow_cc.so.2 and libtensorflow_framework.so.2 to use instead.',
    ],
  },
  'exec-stage': { form: 'exec-stage SPEC', what: 'run one stage from its frozen spec; executors call this', more: ['Exit code: 0 done, 1 failed, 3 stopped on request.'] },
  help: { form: 'help [VERB]', what: 'this, or more about one verb', more: [] },
};

export function helpText(verb: string | undefined, colours: Colours): string {
  const one = verb === undefined ? undefined : verbHelp[verb];
  if (one) return [`${colours.bold(`runner ${one.form}`)}  ${one.what}`, '', ...one.more.map((line) => `  ${line}`)].join('\n').trimEnd();
  const width = Math.max(...Object.values(verbHelp).map(({ form }) => form.length));
  const lines = Object.values(verbHelp).map(({ form, what }) => `  ${colours.bold(`runner ${form.padEnd(width)}`)}  ${what}`);
  return ['From your own chats to a fine-tuned GPT-2, by one YAML file.', '', ...lines, '', 'begin with: ./runner run pipelines/quickstart.yaml'].join('\n');
}
