import { checkMistakes } from './kit.ts';

checkMistakes('tabs, missing quotes and spaces', [
  {
    wrong: [
      ['    kind: ingest\n    params:\n', '\tkind: ingest\n\tparams:\n'],
      ['    kind: tokenize\n', '\tkind: tokenize\n'],
    ],
    message: `comedy.yaml:5:1 error tabs cannot be used for indentation
 5 |  kind: ingest
   | ^
   hint: indent with spaces only, two for each level`,
    correction: [],
    paste: [
      ['\tkind: ingest\n\tparams:', '    kind: ingest\n    params:'],
      ['\tkind: tokenize', '    kind: tokenize'],
    ],
  },
  {
    wrong: [['prompts: ["Ann:"]', 'prompts: Ann: hi']],
    message: `comedy.yaml:28:16 error text with a colon needs quotes
 28 |       prompts: Ann: hi
    |                ^
   hint: write prompts: "Ann: hi"`,
    correction: ['prompts: "Ann: hi"'],
    paste: [['prompts: Ann: hi', 'prompts: "Ann: hi"']],
  },
  {
    wrong: [['prompts: ["Ann:"]', 'prompts: [Ann: hi]']],
    message: `comedy.yaml:28:17 error expected text, found a mapping
 28 |       prompts: [Ann: hi]
    |                 ^^^^^^^
   hint: text that starts with "{" or contains ": " needs quotes: "Ann: hi"`,
    correction: ['"Ann: hi"'],
    paste: [['Ann: hi', '"Ann: hi"']],
  },
  {
    wrong: [['template: "{name}: {text}"', 'template: {name}: {text}']],
    message: `comedy.yaml:14:23 error text with braces or a colon needs quotes
 14 |       template: {name}: {text}
    |                       ^
   hint: write template: "{name}: {text}"`,
    correction: ['template: "{name}: {text}"'],
    paste: [['template: {name}: {text}', 'template: "{name}: {text}"']],
  },
  {
    wrong: [['template: "{name}: {text}"', 'template: “{name}: {text}”']],
    message: `comedy.yaml:14:17 error text with a colon needs quotes
 14 |       template: “{name}: {text}”
    |                 ^
   hint: write template: "{name}: {text}"`,
    correction: ['template: "{name}: {text}"'],
    paste: [['template: “{name}: {text}”', 'template: "{name}: {text}"']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: "C:\\Users\\ann\\comedy.csv"']],
    message: `comedy.yaml:7:18 error a backslash in double quotes begins an escape
 7 |       source: "C:\\Users\\ann\\comedy.csv"
   |                  ^
   hint: write source: /mnt/c/Users/ann/comedy.csv, as WSL names it`,
    correction: ['source: /mnt/c/Users/ann/comedy.csv'],
    paste: [['source: "C:\\Users\\ann\\comedy.csv"', 'source: /mnt/c/Users/ann/comedy.csv']],
    lacks: 'no file or folder "/mnt/c/Users/ann/comedy.csv"',
  },
  {
    wrong: [['steps: 240', 'steps 240']],
    message: `comedy.yaml:22:7 error there is no colon after the key
 22 |       steps 240
    |       ^^^^^^^^^
   hint: write steps: 240`,
    correction: ['steps: 240'],
    paste: [['steps 240', 'steps: 240']],
  },
  {
    wrong: [['steps: 240', 'steps:240']],
    message: `comedy.yaml:22:7 error there is no space after the colon
 22 |       steps:240
    |       ^^^^^^^^^
   hint: write steps: 240`,
    correction: ['steps: 240'],
    paste: [['steps:240', 'steps: 240']],
  },
  {
    wrong: [['steps: 240', 'steps:\u00a0240']],
    message: `comedy.yaml:22:7 error there is a no-break space here, which YAML does not take for a space
 22 |       steps:\u00a0240
    |       ^^^^^^^^^^
   hint: delete it and type a space; it often comes with text that is copied from a web page`,
    correction: [],
    paste: [['steps:\u00a0240', 'steps: 240']],
  },
  {
    wrong: [['      steps: 240', '     \u00a0steps: 240']],
    message: `comedy.yaml:22:1 error there is a no-break space here, which YAML does not take for a space
 22 |      \u00a0steps: 240
    | ^
   hint: delete it and type a space; it often comes with text that is copied from a web page`,
    correction: [],
    paste: [['\u00a0', ' ']],
  },
]);

checkMistakes('--set with another path or another word', [
  {
    wrong: { set: 'steps=20' },
    message: `--set error unknown key "steps"
  | steps=20
  | ^^^^^
   hint: write stages.model.params.steps`,
    correction: ['stages.model.params.steps'],
    paste: [['steps', 'stages.model.params.steps']],
  },
  {
    wrong: { set: 'model.steps=20' },
    message: `--set error "model" is a stage: its path starts with "stages"
  | model.steps=20
  | ^^^^^
   hint: stages.model.params.steps`,
    correction: ['stages.model.params.steps'],
    paste: [['model.steps', 'stages.model.params.steps']],
  },
  {
    wrong: { set: 'stages.model.steps=20' },
    message: `--set error unknown key "steps" of a stage
  | stages.model.steps=20
  |              ^^^^^
   hint: stages.model.params.steps?`,
    correction: ['stages.model.params.steps'],
    paste: [['stages.model.steps', 'stages.model.params.steps']],
  },
  {
    wrong: { set: 'lr=1e-3' },
    message: `--set error unknown key "lr"
  | lr=1e-3
  | ^^
   hint: it belongs in the params of the stage model; there, write schedule: { kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }`,
    correction: ['{ kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }'],
    paste: [['lr=1e-3', 'stages.model.params.schedule={ kind: cosine, peak: 0.001, floor: 0.0001, warmupSteps: 20 }']],
  },
]);
