import { checkMistakes } from './kit.ts';

checkMistakes('the words of nanoGPT, Hugging Face and Axolotl for numbers of a training', [
  {
    wrong: [['schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }', 'learning_rate: 3e-4']],
    message: `comedy.yaml:21:7 error unknown key "learning_rate"
 21 |       learning_rate: 3e-4
    |       ^^^^^^^^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }`,
    correction: ['schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }'],
    paste: [['learning_rate: 3e-4', 'schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }']],
  },
  {
    wrong: [['schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }', 'lr: 0.001']],
    message: `comedy.yaml:21:7 error unknown key "lr"
 21 |       lr: 0.001
    |       ^^
   hint: write schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }`,
    correction: ['schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }'],
    paste: [['lr: 0.001', 'schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }']],
  },
  {
    wrong: [['schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }', 'max_lr: "3e-4"']],
    message: `comedy.yaml:21:7 error unknown key "max_lr"
 21 |       max_lr: "3e-4"
    |       ^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }`,
    correction: ['schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }'],
    paste: [['max_lr: "3e-4"', 'schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      lr: 1e-3\n']],
    message: `comedy.yaml:24:7 error unknown key "lr"
 24 |       lr: 1e-3
    |       ^^
   hint: write schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }`,
    correction: ['schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }'],
    paste: [
      ['      lr: 1e-3\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }',
      ],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      min_lr: 1e-4\n']],
    message: `comedy.yaml:24:7 error unknown key "min_lr"
 24 |       min_lr: 1e-4
    |       ^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.002, floor: 0.0001, warmupSteps: 20 }`,
    correction: ['schedule: { kind: cosine, peak: 0.002, floor: 0.0001, warmupSteps: 20 }'],
    paste: [
      ['      min_lr: 1e-4\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.002, floor: 0.0001, warmupSteps: 20 }',
      ],
    ],
  },
  {
    wrong: [['steps: 240', 'max_steps: 500']],
    message: `comedy.yaml:22:7 error unknown key "max_steps"
 22 |       max_steps: 500
    |       ^^^^^^^^^
   hint: write steps: 500`,
    correction: ['steps: 500'],
    paste: [['max_steps: 500', 'steps: 500']],
  },
  {
    wrong: [['steps: 240', 'max_iters: 500']],
    message: `comedy.yaml:22:7 error unknown key "max_iters"
 22 |       max_iters: 500
    |       ^^^^^^^^^
   hint: write steps: 500`,
    correction: ['steps: 500'],
    paste: [['max_iters: 500', 'steps: 500']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      epochs: 3\n']],
    message: `comedy.yaml:24:7 error unknown key "epochs"
 24 |       epochs: 3
    |       ^^^^^^
   hint: write stop: { epochs: 3 }; training is counted in steps: steps = epochs x tokens of the chats / (accumulate x batchSize x context). \`stop\` ends it earlier, after that many epochs`,
    correction: ['stop: { epochs: 3 }'],
    paste: [['epochs: 3', 'stop: { epochs: 3 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      num_epochs: 3\n']],
    message: `comedy.yaml:24:7 error unknown key "num_epochs"
 24 |       num_epochs: 3
    |       ^^^^^^^^^^
   hint: write stop: { epochs: 3 }; training is counted in steps: steps = epochs x tokens of the chats / (accumulate x batchSize x context). \`stop\` ends it earlier, after that many epochs`,
    correction: ['stop: { epochs: 3 }'],
    paste: [['num_epochs: 3', 'stop: { epochs: 3 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      num_train_epochs: 3\n']],
    message: `comedy.yaml:24:7 error unknown key "num_train_epochs"
 24 |       num_train_epochs: 3
    |       ^^^^^^^^^^^^^^^^
   hint: write stop: { epochs: 3 }; training is counted in steps: steps = epochs x tokens of the chats / (accumulate x batchSize x context). \`stop\` ends it earlier, after that many epochs`,
    correction: ['stop: { epochs: 3 }'],
    paste: [['num_train_epochs: 3', 'stop: { epochs: 3 }']],
  },
  {
    wrong: [['batchSize: 8', 'batch_size: 16']],
    message: `comedy.yaml:23:7 error unknown key "batch_size"
 23 |       batch_size: 16
    |       ^^^^^^^^^^
   hint: write batchSize: 16`,
    correction: ['batchSize: 16'],
    paste: [['batch_size: 16', 'batchSize: 16']],
  },
  {
    wrong: [['batchSize: 8', 'micro_batch_size: 16']],
    message: `comedy.yaml:23:7 error unknown key "micro_batch_size"
 23 |       micro_batch_size: 16
    |       ^^^^^^^^^^^^^^^^
   hint: write batchSize: 16`,
    correction: ['batchSize: 16'],
    paste: [['micro_batch_size: 16', 'batchSize: 16']],
  },
  {
    wrong: [['batchSize: 8', 'per_device_train_batch_size: 16']],
    message: `comedy.yaml:23:7 error unknown key "per_device_train_batch_size"
 23 |       per_device_train_batch_size: 16
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: write batchSize: 16`,
    correction: ['batchSize: 16'],
    paste: [['per_device_train_batch_size: 16', 'batchSize: 16']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      gradient_accumulation_steps: 4\n']],
    message: `comedy.yaml:24:7 error unknown key "gradient_accumulation_steps"
 24 |       gradient_accumulation_steps: 4
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: write accumulate: 4`,
    correction: ['accumulate: 4'],
    paste: [['gradient_accumulation_steps: 4', 'accumulate: 4']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      warmup_steps: 100\n']],
    message: `comedy.yaml:24:7 error unknown key "warmup_steps"
 24 |       warmup_steps: 100
    |       ^^^^^^^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }`,
    correction: ['schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }'],
    paste: [
      ['      warmup_steps: 100\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }',
      ],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      warmup_iters: 100\n']],
    message: `comedy.yaml:24:7 error unknown key "warmup_iters"
 24 |       warmup_iters: 100
    |       ^^^^^^^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }`,
    correction: ['schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }'],
    paste: [
      ['      warmup_iters: 100\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 100 }',
      ],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      warmup_ratio: 0.05\n']],
    message: `comedy.yaml:24:7 error unknown key "warmup_ratio"
 24 |       warmup_ratio: 0.05
    |       ^^^^^^^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 12 }`,
    correction: ['schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 12 }'],
    paste: [
      ['      warmup_ratio: 0.05\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.002, floor: 0.0002, warmupSteps: 12 }',
      ],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      weight_decay: 0.01\n']],
    message: `comedy.yaml:24:7 error unknown key "weight_decay"
 24 |       weight_decay: 0.01
    |       ^^^^^^^^^^^^
   hint: write optimizer: { kind: adamw, weightDecay: 0.01 }`,
    correction: ['optimizer: { kind: adamw, weightDecay: 0.01 }'],
    paste: [['weight_decay: 0.01', 'optimizer: { kind: adamw, weightDecay: 0.01 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      beta2: 0.99\n']],
    message: `comedy.yaml:24:7 error unknown key "beta2"
 24 |       beta2: 0.99
    |       ^^^^^
   hint: write optimizer: { kind: adamw, beta2: 0.99 }`,
    correction: ['optimizer: { kind: adamw, beta2: 0.99 }'],
    paste: [['beta2: 0.99', 'optimizer: { kind: adamw, beta2: 0.99 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      grad_clip: 0.5\n']],
    message: `comedy.yaml:24:7 error unknown key "grad_clip"
 24 |       grad_clip: 0.5
    |       ^^^^^^^^^
   hint: write optimizer: { kind: adamw, clip: 0.5 }`,
    correction: ['optimizer: { kind: adamw, clip: 0.5 }'],
    paste: [['grad_clip: 0.5', 'optimizer: { kind: adamw, clip: 0.5 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      eval_interval: 50\n']],
    message: `comedy.yaml:24:7 error unknown key "eval_interval"
 24 |       eval_interval: 50
    |       ^^^^^^^^^^^^^
   hint: write validateEvery: 50`,
    correction: ['validateEvery: 50'],
    paste: [['eval_interval: 50', 'validateEvery: 50']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      eval_iters: 10\n']],
    message: `comedy.yaml:24:7 error unknown key "eval_iters"
 24 |       eval_iters: 10
    |       ^^^^^^^^^^
   hint: write validationBatches: 10`,
    correction: ['validationBatches: 10'],
    paste: [['eval_iters: 10', 'validationBatches: 10']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      dtype: bfloat16\n']],
    message: `comedy.yaml:24:7 error unknown key "dtype"
 24 |       dtype: bfloat16
    |       ^^^^^
   hint: write precision: bf16`,
    correction: ['precision: bf16'],
    paste: [['dtype: bfloat16', 'precision: bf16']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      log_interval: 10\n']],
    message: `comedy.yaml:24:7 error unknown key "log_interval"
 24 |       log_interval: 10
    |       ^^^^^^^^^^^^
   hint: write runtime: { logEvery: 10 }`,
    correction: ['runtime: { logEvery: 10 }'],
    paste: [['      log_interval: 10', '    runtime: { logEvery: 10 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      save_steps: 50\n']],
    message: `comedy.yaml:24:7 error unknown key "save_steps"
 24 |       save_steps: 50
    |       ^^^^^^^^^^
   hint: write runtime: { checkpointEvery: 50 }`,
    correction: ['runtime: { checkpointEvery: 50 }'],
    paste: [['      save_steps: 50', '    runtime: { checkpointEvery: 50 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      temperature: 0.8\n']],
    message: `comedy.yaml:24:7 error unknown key "temperature"
 24 |       temperature: 0.8
    |       ^^^^^^^^^^^
   hint: it is a param of stages of kind sample: move temperature: 0.8 there`,
    correction: ['temperature: 0.8'],
    paste: [
      ['      temperature: 0.8\n', ''],
      ['prompts: ["Ann:"]\n', 'temperature: 0.8\n      prompts: ["Ann:"]\n'],
    ],
  },
  {
    wrong: [['      schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }\n', '']],
    message: `comedy.yaml:19:5 error "schedule" is missing
 19 |     params:
    |     ^^^^^^
   hint: for example schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 100 } (learning rate as a function of the step; plateau also depends on the held-out losses)`,
    correction: ['schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 100 }'],
    paste: [
      [
        '      steps: 240',
        '      schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 100 }\n      steps: 240',
      ],
    ],
  },
  {
    wrong: [['seed: 1337', 'seed: 1337\nlearning_rate: 1e-3']],
    message: `comedy.yaml:3:1 error unknown key "learning_rate"
 3 | learning_rate: 1e-3
   | ^^^^^^^^^^^^^
   hint: it belongs in the params of the stage model; there, write schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }`,
    correction: ['schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }'],
    paste: [
      ['learning_rate: 1e-3\n', ''],
      [
        'schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }',
        'schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }',
      ],
    ],
  },
]);
