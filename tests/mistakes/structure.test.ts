import { checkMistakes } from './kit.ts';

checkMistakes('inputs without their ports, and inputs that are missing', [
  {
    wrong: [['inputs: { chat: tokens }', 'inputs: tokens']],
    message: `comedy.yaml:18:13 error expected a mapping from each input to a stage, found text "tokens"
 18 |     inputs: tokens
    |             ^^^^^^
   hint: inputs: { tokens: tokens }`,
    correction: ['inputs: { tokens: tokens }'],
    paste: [['inputs: tokens', 'inputs: { tokens: tokens }']],
  },
  {
    wrong: [['inputs: { chat: tokens }', 'inputs: [tokens]']],
    message: `comedy.yaml:18:13 error expected a mapping from each input to a stage, found a list
 18 |     inputs: [tokens]
    |             ^^^^^^^^
   hint: inputs: { tokens: tokens }`,
    correction: ['inputs: { tokens: tokens }'],
    paste: [['inputs: [tokens]', 'inputs: { tokens: tokens }']],
  },
  {
    wrong: [['inputs: { checkpoint: model, held-out: tokens }', 'inputs: model']],
    message: `comedy.yaml:31:13 error expected a mapping from each input to a stage, found text "model"
 31 |     inputs: model
    |             ^^^^^
   hint: inputs: { checkpoint: model, held-out: tokens }`,
    correction: ['inputs: { checkpoint: model, held-out: tokens }'],
    paste: [['inputs: model', 'inputs: { checkpoint: model, held-out: tokens }']],
  },
  {
    wrong: [['inputs: { checkpoint: model, held-out: tokens }', 'inputs: [tokens, model]']],
    message: `comedy.yaml:31:13 error expected a mapping from each input to a stage, found a list
 31 |     inputs: [tokens, model]
    |             ^^^^^^^^^^^^^^^
   hint: inputs: { checkpoint: model, held-out: tokens }`,
    correction: ['inputs: { checkpoint: model, held-out: tokens }'],
    paste: [['inputs: [tokens, model]', 'inputs: { checkpoint: model, held-out: tokens }']],
  },
  {
    wrong: [['inputs: { checkpoint: model, held-out: tokens }', 'inputs: { checkpoint: model }']],
    message: `comedy.yaml:29:3 error input "held-out" is missing
 29 |   report:
    |   ^^^^^^
   hint: inputs: { checkpoint: model, held-out: tokens }`,
    correction: ['inputs: { checkpoint: model, held-out: tokens }'],
    paste: [
      [
        'kind: evaluate\n    inputs: { checkpoint: model }',
        'kind: evaluate\n    inputs: { checkpoint: model, held-out: tokens }',
      ],
    ],
  },
  {
    wrong: [['    inputs: { chat: tokens }\n', '']],
    message: `comedy.yaml:16:3 error no inputs
 16 |   model:
    |   ^^^^^
   hint: inputs: { tokens: tokens }`,
    correction: ['inputs: { tokens: tokens }'],
    paste: [['kind: train\n', 'kind: train\n    inputs: { tokens: tokens }\n']],
  },
  {
    wrong: [['inputs: { checkpoint: model, held-out: tokens }', 'inputs: { checkpoint: model, heldout: tokens }']],
    message: `comedy.yaml:31:34 error stages of kind evaluate have no input "heldout"
 31 |     inputs: { checkpoint: model, heldout: tokens }
    |                                  ^^^^^^^
   hint: did you mean "held-out"?`,
    correction: ['held-out'],
    paste: [['heldout', 'held-out']],
  },
  {
    wrong: [['inputs: { conversations: chat }', 'inputs: chat']],
    message: `comedy.yaml:12:13 error expected a mapping from each input to a stage, found text "chat"
 12 |     inputs: chat
    |             ^^^^
   hint: inputs: { conversations: chat }`,
    correction: ['inputs: { conversations: chat }'],
    paste: [['inputs: chat', 'inputs: { conversations: chat }']],
  },
  {
    wrong: [['inputs: { chat: tokens }', 'inputs: { chat: chat }']],
    message: `comedy.yaml:18:21 error "chat" makes conversations, but "chat" takes tokens
 18 |     inputs: { chat: chat }
    |                     ^^^^
   hint: stages that make tokens: tokens`,
    correction: ['tokens'],
    paste: [['{ chat: chat }', '{ chat: tokens }']],
  },
  {
    wrong: [
      [
        '  tokens:\n    kind: tokenize\n    inputs: { conversations: chat }\n    params:\n      template: "{name}: {text}"\n      validation: 0.1\n',
        '',
      ],
      ['  report:\n    kind: evaluate\n    inputs: { checkpoint: model, held-out: tokens }\n', ''],
      ['inputs: { chat: tokens }', 'inputs: { chat: chat }'],
    ],
    message: `comedy.yaml:12:21 error "chat" makes conversations, but "chat" takes tokens
 12 |     inputs: { chat: chat }
    |                     ^^^^
   hint: put a stage between them and name it here: tokens: { kind: tokenize, inputs: { conversations: chat } }`,
    correction: ['tokens: { kind: tokenize, inputs: { conversations: chat } }'],
    paste: [
      ['  model:\n', '  tokens: { kind: tokenize, inputs: { conversations: chat } }\n  model:\n'],
      ['inputs: { chat: chat }', 'inputs: { chat: tokens }'],
    ],
  },
]);

checkMistakes('keys of a tracker, of a stage or of another program at the top of the file', [
  {
    wrong: [['seed: 1337', 'seed: 1337\ntracking: http://127.0.0.1:5000']],
    message: `comedy.yaml:3:11 error expected a mapping, found text "http://127.0.0.1:5000"
 3 | tracking: http://127.0.0.1:5000
   |           ^^^^^^^^^^^^^^^^^^^^^
   hint: write tracking: { uri: http://127.0.0.1:5000 }`,
    correction: ['tracking: { uri: http://127.0.0.1:5000 }'],
    paste: [['tracking: http://127.0.0.1:5000', 'tracking: { uri: http://127.0.0.1:5000 }']],
  },
  {
    wrong: [['seed: 1337', 'seed: 1337\ntracking_uri: http://127.0.0.1:5000']],
    message: `comedy.yaml:3:1 error unknown key "tracking_uri"
 3 | tracking_uri: http://127.0.0.1:5000
   | ^^^^^^^^^^^^
   hint: write tracking: { uri: http://127.0.0.1:5000 }`,
    correction: ['tracking: { uri: http://127.0.0.1:5000 }'],
    paste: [['tracking_uri: http://127.0.0.1:5000', 'tracking: { uri: http://127.0.0.1:5000 }']],
  },
  {
    wrong: [['seed: 1337', 'seed: 1337\nmlflow: http://127.0.0.1:5000']],
    message: `comedy.yaml:3:1 error unknown key "mlflow"
 3 | mlflow: http://127.0.0.1:5000
   | ^^^^^^
   hint: write tracking: { uri: http://127.0.0.1:5000 }`,
    correction: ['tracking: { uri: http://127.0.0.1:5000 }'],
    paste: [['mlflow: http://127.0.0.1:5000', 'tracking: { uri: http://127.0.0.1:5000 }']],
  },
  {
    wrong: [['seed: 1337', 'seed: 1337\nexperiment_name: evenings']],
    message: `comedy.yaml:3:1 error unknown key "experiment_name"
 3 | experiment_name: evenings
   | ^^^^^^^^^^^^^^^
   hint: write experiment: evenings`,
    correction: ['experiment: evenings'],
    paste: [['experiment_name: evenings', 'experiment: evenings']],
  },
  {
    wrong: [
      ['seed: 1337', 'seed: 1337\nsteps: 240'],
      ['      steps: 240\n', ''],
    ],
    message: `comedy.yaml:3:1 error unknown key "steps"
 3 | steps: 240
   | ^^^^^
   hint: it belongs in the params of the stage model: steps: 240

comedy.yaml:20:5 error "steps" is missing
 20 |     params:
    |     ^^^^^^
   hint: for example steps: 1000 (number of updates; each sees accumulate x batchSize x context tokens)`,
    correction: ['steps: 240'],
    paste: [
      ['\nsteps: 240', ''],
      ['      batchSize', '      steps: 240\n      batchSize'],
    ],
  },
  {
    wrong: [['name: comedy\n', '']],
    message: `comedy.yaml:1:1 error "name" is missing
 1 | seed: 1337
   | ^^^^^^^^^^
   hint: for example name: my chats (name of the pipeline and its runs: letters, digits, spaces, "-" and "_")`,
    correction: ['name: my chats'],
    paste: [['seed: 1337', 'name: my chats\nseed: 1337']],
  },
]);

checkMistakes('other names of kinds, and no kind', [
  {
    wrong: [['kind: train', 'kind: finetune']],
    message: `comedy.yaml:17:11 error unknown kind "finetune"
 17 |     kind: finetune
    |           ^^^^^^^^
   hint: write kind: train`,
    correction: ['kind: train'],
    paste: [['kind: finetune', 'kind: train']],
  },
  {
    wrong: [['kind: train', 'kind: training']],
    message: `comedy.yaml:17:11 error unknown kind "training"
 17 |     kind: training
    |           ^^^^^^^^
   hint: write kind: train`,
    correction: ['kind: train'],
    paste: [['kind: training', 'kind: train']],
  },
  {
    wrong: [['kind: sample', 'kind: generate']],
    message: `comedy.yaml:25:11 error unknown kind "generate"
 25 |     kind: generate
    |           ^^^^^^^^
   hint: write kind: sample`,
    correction: ['kind: sample'],
    paste: [['kind: generate', 'kind: sample']],
  },
  {
    wrong: [['kind: ingest', 'kind: prepare']],
    message: `comedy.yaml:5:11 error unknown kind "prepare"
 5 |     kind: prepare
   |           ^^^^^^^
   hint: write kind: ingest`,
    correction: ['kind: ingest'],
    paste: [['kind: prepare', 'kind: ingest']],
  },
  {
    wrong: [['kind: evaluate', 'kind: eval']],
    message: `comedy.yaml:30:11 error unknown kind "eval"
 30 |     kind: eval
    |           ^^^^
   hint: write kind: evaluate`,
    correction: ['kind: evaluate'],
    paste: [['kind: eval', 'kind: evaluate']],
  },
  {
    wrong: [['    kind: ingest\n', '']],
    message: `comedy.yaml:4:3 error "kind" is missing
 4 |   chat:
   |   ^^^^
   hint: write kind: ingest`,
    correction: ['kind: ingest'],
    paste: [['  chat:\n', '  chat:\n    kind: ingest\n']],
  },
]);
