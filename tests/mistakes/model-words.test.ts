import { checkMistakes } from './kit.ts';

checkMistakes('the words of nanoGPT, Hugging Face and Axolotl for models and weights', [
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      block_size: 256\n']],
    message: `comedy.yaml:24:7 error unknown key "block_size"
 24 |       block_size: 256
    |       ^^^^^^^^^^
   hint: write model: { layers: 4, heads: 4, width: 128, context: 256 }`,
    correction: ['layers: 4, heads: 4, width: 128, context: 256'],
    paste: [
      ['      block_size: 256\n', ''],
      ['model: { use: configs/model/gpt2-nano.yaml }', 'model: { layers: 4, heads: 4, width: 128, context: 256 }'],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      n_layer: 6\n']],
    message: `comedy.yaml:24:7 error unknown key "n_layer"
 24 |       n_layer: 6
    |       ^^^^^^^
   hint: write model: { layers: 6, heads: 4, width: 128, context: 128 }`,
    correction: ['model: { layers: 6, heads: 4, width: 128, context: 128 }'],
    paste: [
      ['      n_layer: 6\n', ''],
      ['model: { use: configs/model/gpt2-nano.yaml }', 'model: { layers: 6, heads: 4, width: 128, context: 128 }'],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      n_head: 6\n']],
    message: `comedy.yaml:24:7 error unknown key "n_head"
 24 |       n_head: 6
    |       ^^^^^^
   hint: write model: { layers: 4, heads: 6, width: 384, context: 128 }`,
    correction: ['model: { layers: 4, heads: 6, width: 384, context: 128 }'],
    paste: [
      ['      n_head: 6\n', ''],
      ['model: { use: configs/model/gpt2-nano.yaml }', 'model: { layers: 4, heads: 6, width: 384, context: 128 }'],
    ],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      n_embd: 256\n']],
    message: `comedy.yaml:24:7 error unknown key "n_embd"
 24 |       n_embd: 256
    |       ^^^^^^
   hint: write model: { layers: 4, heads: 4, width: 256, context: 128 }`,
    correction: ['model: { layers: 4, heads: 4, width: 256, context: 128 }'],
    paste: [
      ['      n_embd: 256\n', ''],
      ['model: { use: configs/model/gpt2-nano.yaml }', 'model: { layers: 4, heads: 4, width: 256, context: 128 }'],
    ],
  },
  {
    wrong: [
      [
        'model: { use: configs/model/gpt2-nano.yaml }',
        'model: { n_layer: 6, n_head: 6, n_embd: 384, block_size: 256 }',
      ],
    ],
    message: `comedy.yaml:20:16 error unknown key "n_layer"
 20 |       model: { n_layer: 6, n_head: 6, n_embd: 384, block_size: 256 }
    |                ^^^^^^^
   hint: write layers: 6

comedy.yaml:20:28 error unknown key "n_head"
 20 |       model: { n_layer: 6, n_head: 6, n_embd: 384, block_size: 256 }
    |                            ^^^^^^
   hint: write heads: 6

comedy.yaml:20:39 error unknown key "n_embd"
 20 |       model: { n_layer: 6, n_head: 6, n_embd: 384, block_size: 256 }
    |                                       ^^^^^^
   hint: write width: 384

comedy.yaml:20:52 error unknown key "block_size"
 20 |       model: { n_layer: 6, n_head: 6, n_embd: 384, block_size: 256 }
    |                                                    ^^^^^^^^^^
   hint: write context: 256`,
    correction: ['layers: 6', 'heads: 6', 'width: 384', 'context: 256'],
    paste: [
      ['n_layer: 6', 'layers: 6'],
      ['n_head: 6', 'heads: 6'],
      ['n_embd: 384', 'width: 384'],
      ['block_size: 256', 'context: 256'],
    ],
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'base_model: gpt2']],
    message: `comedy.yaml:20:7 error unknown key "base_model"
 20 |       base_model: gpt2
    |       ^^^^^^^^^^
   hint: write init: { kind: published, name: 124M }`,
    correction: ['init: { kind: published, name: 124M }'],
    paste: [['base_model: gpt2', 'init: { kind: published, name: 124M }']],
    lacks: '"124M" is not on this machine',
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'init_from: gpt2-medium']],
    message: `comedy.yaml:20:7 error unknown key "init_from"
 20 |       init_from: gpt2-medium
    |       ^^^^^^^^^
   hint: write init: { kind: published, name: 355M }`,
    correction: ['init: { kind: published, name: 355M }'],
    paste: [['init_from: gpt2-medium', 'init: { kind: published, name: 355M }']],
    lacks: '"355M" is not on this machine',
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'init: 124M']],
    message: `comedy.yaml:20:13 error expected a mapping, found text "124M"
 20 |       init: 124M
    |             ^^^^
   hint: write init: { kind: published, name: 124M }`,
    correction: ['init: { kind: published, name: 124M }'],
    paste: [['init: 124M', 'init: { kind: published, name: 124M }']],
    lacks: '"124M" is not on this machine',
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'init: gpt2']],
    message: `comedy.yaml:20:13 error expected a mapping, found text "gpt2"
 20 |       init: gpt2
    |             ^^^^
   hint: write init: { kind: published, name: 124M }`,
    correction: ['init: { kind: published, name: 124M }'],
    paste: [['init: gpt2', 'init: { kind: published, name: 124M }']],
    lacks: '"124M" is not on this machine',
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'model_name_or_path: openai-community/gpt2-xl']],
    message: `comedy.yaml:20:7 error unknown key "model_name_or_path"
 20 |       model_name_or_path: openai-community/gpt2-xl
    |       ^^^^^^^^^^^^^^^^^^
   hint: write init: { kind: published, name: 1558M }`,
    correction: ['init: { kind: published, name: 1558M }'],
    paste: [['model_name_or_path: openai-community/gpt2-xl', 'init: { kind: published, name: 1558M }']],
    lacks: '"1558M" is not on this machine',
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'init: { kind: published, name: gpt2 }']],
    message: `comedy.yaml:20:38 error "gpt2" is not one of "124M", "117M", "355M", "345M", "774M", "762M", "1558M", "1542M"
 20 |       init: { kind: published, name: gpt2 }
    |                                      ^^^^
   hint: write name: 124M`,
    correction: ['name: 124M'],
    paste: [['name: gpt2', 'name: 124M']],
    lacks: '"124M" is not on this machine',
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      init_from: scratch\n']],
    message: `comedy.yaml:24:7 error unknown key "init_from"
 24 |       init_from: scratch
    |       ^^^^^^^^^
   hint: write init: { kind: scratch }`,
    correction: ['init: { kind: scratch }'],
    paste: [['init_from: scratch', 'init: { kind: scratch }']],
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'model: gpt2']],
    message: `comedy.yaml:20:14 error expected a mapping, found text "gpt2"
 20 |       model: gpt2
    |              ^^^^
   hint: write model: { use: configs/model/gpt2-117m.yaml }; that is a new model of this size; init: { kind: published, name: 124M } begins with the weights of OpenAI`,
    correction: ['model: { use: configs/model/gpt2-117m.yaml }'],
    paste: [['model: gpt2', 'model: { use: configs/model/gpt2-117m.yaml }']],
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'model: gpt2-mini']],
    message: `comedy.yaml:20:14 error expected a mapping, found text "gpt2-mini"
 20 |       model: gpt2-mini
    |              ^^^^^^^^^
   hint: write model: { use: configs/model/gpt2-mini.yaml }`,
    correction: ['model: { use: configs/model/gpt2-mini.yaml }'],
    paste: [['model: gpt2-mini', 'model: { use: configs/model/gpt2-mini.yaml }']],
  },
  {
    wrong: [['model: { use: configs/model/gpt2-nano.yaml }', 'model: configs/model/gpt2-nano.yaml']],
    message: `comedy.yaml:20:14 error expected a mapping, found text "configs/model/gpt2-nano.yaml"
 20 |       model: configs/model/gpt2-nano.yaml
    |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: write model: { use: configs/model/gpt2-nano.yaml }`,
    correction: ['model: { use: configs/model/gpt2-nano.yaml }'],
    paste: [['model: configs/model/gpt2-nano.yaml', 'model: { use: configs/model/gpt2-nano.yaml }']],
  },
  {
    wrong: [['      model: { use: configs/model/gpt2-nano.yaml }\n', '']],
    message: `comedy.yaml:20:7 error "model" is missing: it sets the shape of a model from scratch
 20 |       schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: for example model: { use: configs/model/gpt2-mini.yaml }`,
    correction: ['model: { use: configs/model/gpt2-mini.yaml }'],
    paste: [['      schedule', '      model: { use: configs/model/gpt2-mini.yaml }\n      schedule']],
  },
  {
    wrong: [
      ['model: { use: configs/model/gpt2-nano.yaml }', 'model: { layers: 4, heads: 6, width: 128, context: 128 }'],
    ],
    message: `comedy.yaml:20:34 error a width of 128 cannot be divided by 6 heads
 20 |       model: { layers: 4, heads: 6, width: 128, context: 128 }
    |                                  ^
   hint: write heads: 4, or another width`,
    correction: ['heads: 4'],
    paste: [['heads: 6', 'heads: 4']],
  },
]);

checkMistakes('a schedule or an optimizer in one word', [
  {
    wrong: [['schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }', 'schedule: cosine']],
    message: `comedy.yaml:21:17 error expected a mapping, found text "cosine"
 21 |       schedule: cosine
    |                 ^^^^^^
   hint: write schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }`,
    correction: ['schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }'],
    paste: [['schedule: cosine', 'schedule: { kind: cosine, peak: 0.0003, floor: 0.00003, warmupSteps: 24 }']],
  },
  {
    wrong: [['schedule: { kind: cosine, peak: 2.0e-3, floor: 2.0e-4, warmupSteps: 20 }', 'schedule: 1e-3']],
    message: `comedy.yaml:21:17 error expected a mapping, found number 0.001
 21 |       schedule: 1e-3
    |                 ^^^^
   hint: write schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }`,
    correction: ['schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }'],
    paste: [['schedule: 1e-3', 'schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 24 }']],
  },
  {
    wrong: [['      batchSize: 8\n', '      batchSize: 8\n      optimizer: AdamW\n']],
    message: `comedy.yaml:24:18 error expected a mapping, found text "AdamW"
 24 |       optimizer: AdamW
    |                  ^^^^^
   hint: write optimizer: { kind: adamw }`,
    correction: ['optimizer: { kind: adamw }'],
    paste: [['optimizer: AdamW', 'optimizer: { kind: adamw }']],
  },
]);
