import type { Colours } from './screen/style.ts';

interface VerbHelp {
  form: string;
  what: string;
  more: string[];
}

const RUN_IS = "RUN is `latest`, a part of a run's name that no other has, or its folder.";

const verbHelp: Record<string, VerbHelp> = {
  run: {
    form: 'run FILE [STAGE…]',
    what: 'run a pipeline; what is cached is not run again, what was killed goes on',
    more: [
      'STAGE…             only these stages and what they need',
      '--set path=value   change one value, e.g. --set stages.model.params.steps=500 (may be repeated)',
      '-j, --jobs N       at most N stages at once; without it, as many as the machine has room for (see below)',
      '--on-failure MODE  what happens to the rest when a stage fails: keep-going (the default) runs what does not need it, no-new lets what runs',
      '                   come to its end, stop lets it save and stop, kill ends it at once',
      '--fail-fast        the same as --on-failure stop',
      '--detach           go on in the background; attach RUN looks on, stop RUN stops it',
      '--json             print, last and alone on stdout, what became of each stage; everything else goes to stderr',
      '',
      'Stages that do not need each other run side by side. Beside `params`, a stage may say:',
      '  needs: { cpu: 2, memory: 8, gpu: 1 }    cores (or all), GB, devices: it waits until they are free. One that computes takes all cores, another one',
      '  retry: { times: 2, growMemory: 1.5 }    start it again when it died, with more memory; not when its input is at fault',
      '  timeLimit: 2h                           then it saves and stops, and the next run goes on',
      '',
      'A sweep: in the file is one run for each point: grid (every combination), list (side by side), random (drawn); halving lets the best train on.',
      'Run again, it finishes; a value more runs one point more. pipelines/sweep-halving.yaml shows it.',
      '',
      'Ctrl-C lets what runs save and stops; a second Ctrl-C stops at once. Run again to go on.',
      'A runner that is killed leaves its stages at work: the same command takes them over.',
      'SIGUSR1 (kill -USR1 PID) lets a training save and go on.',
      'Exit code: 0 done, 1 a stage failed, 2 the file is wrong, 130 stopped by you.',
      'MLFLOW_TRACKING_URI, or tracking: { uri } in the file, names a server that gets every run.',
      '',
      'example: ./runner run pipelines/quickstart.yaml --set stages.model.params.schedule.peak=0.001',
    ],
  },
  attach: {
    form: 'attach [RUN]',
    what: 'look on while a run goes on elsewhere; Ctrl-C leaves it going on',
    more: [
      'Without RUN, the newest that goes on.',
      '--stop             ask it to save and stop, and look on until it has',
      '',
      'example: ./runner attach',
    ],
  },
  stop: {
    form: 'stop [RUN]',
    what: 'ask a run to save and stop, and look on until it has',
    more: [
      'Without RUN, the newest that goes on. Run the same command again to go on.',
      '',
      'example: ./runner stop latest',
    ],
  },
  plan: {
    form: 'plan FILE [STAGE…]',
    what: 'say what would run, and why; run nothing',
    more: [
      '--set path=value   as for run',
      '--json             the same as JSON',
      '',
      'example: ./runner plan pipelines/fb-345m.yaml',
    ],
  },
  explain: {
    form: 'explain FILE STAGE',
    what: 'why a stage would run: old → new for each cause, traced to where it begins',
    more: [
      '--set path=value   as for run',
      '--json             the same as JSON',
      '',
      'example: ./runner explain pipelines/quickstart.yaml model --set stages.tokens.params.validation=0.2',
    ],
  },
  graph: {
    form: 'graph FILE',
    what: 'draw which stage feeds which',
    more: [
      '--mermaid          in the language of Mermaid, for Markdown',
      '--set path=value   as for run',
      '--json             stages and edges as JSON',
      '',
      'example: ./runner graph pipelines/fb-345m.yaml --mermaid',
    ],
  },
  ls: {
    form: 'ls',
    what: 'every run: when, how long, what became of it, last loss',
    more: ['--json             the same as JSON', '', 'example: ./runner ls'],
  },
  show: {
    form: 'show RUN',
    what: 'one run: what was chosen, stages, metrics, samples, files',
    more: [RUN_IS, '--json             the same as JSON', '', 'example: ./runner show latest'],
  },
  logs: {
    form: 'logs RUN [STAGE]',
    what: 'what the stages told, and what their processes printed',
    more: [
      RUN_IS,
      '-f, --follow       go on until the run ends',
      '--json             every event, one JSON object a line',
      '',
      'example: ./runner logs latest model -f',
    ],
  },
  diff: {
    form: 'diff RUN RUN',
    what: 'what two runs read, made and measured otherwise, samples side by side',
    more: [RUN_IS, '--json             the same as JSON', '', 'example: ./runner diff 47d1 latest'],
  },
  compare: {
    form: 'compare RUN…',
    what: 'runs in a table: what differs, best, last and at equal tokens; or as a page of curves',
    more: [
      RUN_IS,
      'A sweep is named by its id and means all of its runs. Without any, the runs of the newest sweep, or the five newest.',
      '--html FILE        one page that needs no network: curves by step, tokens and time, params, samples, parallel coordinates',
      '--metric NAME      instead of the loss on held-out text, e.g. --metric train/loss',
      '--json             the table as JSON',
      '',
      'example: ./runner compare sweep-lr-97b928 --html sweep.html',
    ],
  },
  lineage: {
    form: 'lineage ARTIFACT | FILE | RUN/STAGE',
    what: 'from a result back to everything that made it, down to your files',
    more: [
      'ARTIFACT is a digest or its first letters; FILE is one below runs/RUN/stages',
      '--json             the same as JSON',
      '',
      'example: ./runner lineage latest/samples',
    ],
  },
  export: {
    form: 'export RUN [STAGE] DIR',
    what: 'write the tokens of a run as the files that nanoGPT or llm.c train on',
    more: [
      RUN_IS,
      'STAGE may be left out where one stage made tokens; a folder of tokens may stand in place of RUN.',
      '--as nanogpt       train.bin, val.bin and test.bin: bare 16-bit ids, little-endian',
      "--as llmc          NAME_train_000001.bin …, NAME_val_000000.bin …, with llm.c's header; NAME is that of DIR",
      '--json             what was written, as JSON',
      '',
      'A file that is there already is left alone if it has the same bytes; else nothing is written. A shards stage reads such files.',
      'example: ./runner export latest out/chat --as nanogpt',
    ],
  },
  gc: {
    form: 'gc',
    what: 'what could go from the store; nothing goes without --yes, and then into a trash',
    more: [
      'What a run names stays; of every pipeline the last and the best run keep theirs whatever is asked.',
      '--older-than 30d   runs that began earlier hold nothing any more (12h, 30d, 2w); unfinished attempts that are older go, too',
      '--keep N           of each pipeline only the N newest runs hold what they name',
      '--max-size 50GB    then what was used longest ago goes, parts before results, until the store is no larger',
      '--parts            parts go: what was read and encoded of single files, kept only to save time',
      '--yes              do it',
      '--undo             put the last collection back',
      '--empty-trash      free the room: what lies in the trash is gone',
      '--json             the same as JSON',
      '',
      'RUNNER_STORE_LIMIT=50GB stops a run before it would make the store larger than that.',
      'example: ./runner gc --keep 3 --older-than 30d',
    ],
  },
  verify: {
    form: 'verify',
    what: 'read every byte of the store and say what is not as it was',
    more: [
      '--repair           move what is damaged into the trash; its stages are due again',
      '--json             the same as JSON',
      '',
      'Exit code: 0 all is whole or was repaired, 1 something is damaged.',
      'example: ./runner verify --repair',
    ],
  },
  doctor: {
    form: 'doctor',
    what: 'whether everything that a run needs is there: programs, libraries, disk, memory, store, clock',
    more: [
      '--json             the same as JSON',
      '',
      'Exit code: 0 nothing is bad, 1 something is.',
      'example: ./runner doctor',
    ],
  },
  completion: {
    form: 'completion bash | zsh | fish',
    what: 'print what lets your shell complete verbs, files, runs, stages and paths of --set',
    more: [
      'example: ./runner completion bash >> ~/.bashrc',
      '         ./runner completion zsh > ~/.zfunc/_runner',
      '         ./runner completion fish > ~/.config/fish/completions/runner.fish',
    ],
  },
  ui: {
    form: 'ui',
    what: 'start MLflow on 127.0.0.1 with every run in it, and print the links',
    more: [
      '--port number   default: a free one from 5000 on',
      '',
      'Runs that were never sent (no server, or it was away) are sent now. Ctrl-C stops the server.',
    ],
  },
  setup: {
    form: 'setup [mlflow | weights NAME | --gpu]',
    what: 'get what later steps need now: TensorFlow, the server `mlflow`, published weights, or the build for GPUs',
    more: [
      'weights NAME   124M or 355M (once called 117M and 345M) from Hugging Face, checked by size and sha256; goes on where it broke off.',
      "               HF_ENDPOINT names a mirror, RUNNER_WEIGHTS a folder for them. OpenAI's licence asks to mark what they write where it could be mistaken.",
      '--gpu          TensorFlow for NVIDIA cards with CUDA 12 (3.4 GB through pip, 5.3 GB unpacked); from then on what computes uses the card, if there is one.',
      '               RUNNER_DEVICE chooses for one start: cpu, gpu, or auto (the default).',
      'RUNNER_TENSORFLOW names a folder with libtensorflow_cc.so.2 and libtensorflow_framework.so.2 to use instead.',
    ],
  },
  'exec-stage': {
    form: 'exec-stage SPEC',
    what: 'run one stage from its frozen spec; executors call this',
    more: ['Exit code: 0 done, 1 failed, 3 stopped on request.'],
  },
  help: { form: 'help [VERB]', what: 'this, or more about one verb', more: [] },
};

export const verbNames = (): string[] => Object.keys(verbHelp).filter((verb) => verb !== 'exec-stage');

/** The flags that a verb's help names. */
export const flagsOf = (verb: string): string[] => [
  ...new Set(
    (verbHelp[verb]?.more ?? [])
      .filter((line) => !line.startsWith('example'))
      .flatMap((line) => /^(?:-\w, )?(--[a-z-]+)/.exec(line)?.[1] ?? []),
  ),
];

/** Where form and purpose do not fit side by side, the purpose stands below. */
export function helpText(verb: string | undefined, colours: Colours, columns = Infinity): string {
  const one = verb === undefined ? undefined : verbHelp[verb];
  if (one)
    return [`${colours.bold(`runner ${one.form}`)}  ${one.what}`, '', ...one.more.map((line) => `  ${line}`)]
      .join('\n')
      .trimEnd();
  const width = Math.max(...Object.values(verbHelp).map(({ form }) => form.length));
  const narrow = columns < width + 90;
  const named = new Set(groups.flatMap(([, verbs]) => verbs));
  const rest = Object.keys(verbHelp).filter((each) => !named.has(each));
  const lines = [...groups, ['Besides', rest] as const].flatMap(([title, verbs]) => {
    const known = verbs.flatMap((each) => (verbHelp[each] ? [verbHelp[each]] : []));
    return known.length
      ? [
          '',
          colours.dim(title),
          ...known.map(({ form, what }) =>
            narrow ? `  ${colours.bold(form)}\n      ${what}` : `  ${colours.bold(form.padEnd(width))}  ${what}`,
          ),
        ]
      : [];
  });
  return [
    'From your own chats to a fine-tuned GPT-2, by one YAML file.',
    ...lines,
    '',
    'begin with: ./runner run pipelines/quickstart.yaml',
    'more about one: ./runner help run',
  ].join('\n');
}

const groups: (readonly [title: string, verbs: string[]])[] = [
  ['Run', ['run', 'attach', 'stop', 'setup']],
  ['Before: what would happen', ['plan', 'explain', 'graph']],
  ['After: what happened', ['ls', 'show', 'logs', 'diff', 'compare', 'lineage', 'export', 'ui']],
  ['Keep house', ['gc', 'verify', 'doctor']],
];
