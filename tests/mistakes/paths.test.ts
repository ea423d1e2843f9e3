import { checkMistakes } from './kit.ts';

checkMistakes('a path that is somewhere else, or written for a shell, a browser or Windows', [
  {
    wrong: [['source: ./comedy.csv', 'source: comedy.csv']],
    message: `comedy.yaml:7:15 error no file or folder "comedy.csv"
 7 |       source: comedy.csv
   |               ^^^^^^^^^^
   hint: nothing is at /checkout/comedy.csv; it is beside this file: write ./comedy.csv`,
    correction: ['./comedy.csv'],
    paste: [['source: comedy.csv', 'source: ./comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: "${HOME}/comedy.csv"']],
    message: `comedy.yaml:7:15 error no file or folder "\${HOME}/comedy.csv": only ~/ is replaced, not $NAME or ~NAME
 7 |       source: "\${HOME}/comedy.csv"
   |               ^^^^^^^^^^^^^^^^^^^^
   hint: nothing is at /checkout/\${HOME}/comedy.csv; $HOME is not replaced: write ~/comedy.csv`,
    correction: ['~/comedy.csv'],
    paste: [['source: "${HOME}/comedy.csv"', 'source: ~/comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: $HOME/comedy.csv']],
    message: `comedy.yaml:7:15 error no file or folder "$HOME/comedy.csv": only ~/ is replaced, not $NAME or ~NAME
 7 |       source: $HOME/comedy.csv
   |               ^^^^^^^^^^^^^^^^
   hint: nothing is at /checkout/$HOME/comedy.csv; $HOME is not replaced: write ~/comedy.csv`,
    correction: ['~/comedy.csv'],
    paste: [['source: $HOME/comedy.csv', 'source: ~/comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: ./comdy.csv']],
    message: `comedy.yaml:7:15 error no file or folder "./comdy.csv"
 7 |       source: ./comdy.csv
   |               ^^^^^^^^^^^
   hint: nothing is at /here/comdy.csv; did you mean ./comedy.csv?`,
    correction: ['./comedy.csv'],
    paste: [['source: ./comdy.csv', 'source: ./comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: home/comedi.csv']],
    message: `comedy.yaml:7:15 error no file or folder "home/comedi.csv"
 7 |       source: home/comedi.csv
   |               ^^^^^^^^^^^^^^^
   hint: nothing is at /checkout/home/comedi.csv; did you mean ./home/comedy.csv?`,
    correction: ['./home/comedy.csv'],
    paste: [['source: home/comedi.csv', 'source: ./home/comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: file://./comedy.csv']],
    message: `comedy.yaml:7:15 error no file or folder "file://./comedy.csv"
 7 |       source: file://./comedy.csv
   |               ^^^^^^^^^^^^^^^^^^^
   hint: nothing is at /checkout/file:/comedy.csv; write ./comedy.csv`,
    correction: ['./comedy.csv'],
    paste: [['source: file://./comedy.csv', 'source: ./comedy.csv']],
  },
  {
    wrong: [['source: ./comedy.csv', 'source: C:\\Users\\ann\\comedy.csv']],
    message: `comedy.yaml:7:15 error no file or folder "C:\\Users\\ann\\comedy.csv"
 7 |       source: C:\\Users\\ann\\comedy.csv
   |               ^^^^^^^^^^^^^^^^^^^^^^^
   hint: nothing is at /checkout/C:\\Users\\ann\\comedy.csv; that is a path of Windows; under WSL, write /mnt/c/Users/ann/comedy.csv`,
    correction: ['/mnt/c/Users/ann/comedy.csv'],
    paste: [['C:\\Users\\ann\\comedy.csv', '/mnt/c/Users/ann/comedy.csv']],
    lacks: 'no file or folder "/mnt/c/Users/ann/comedy.csv"',
  },
  {
    wrong: [['source: ./comedy.csv', 'source: ./pipelines/quickstart-export']],
    message: `comedy.yaml:7:15 error no file or folder "./pipelines/quickstart-export"
 7 |       source: ./pipelines/quickstart-export
   |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: nothing is at /here/pipelines/quickstart-export; it is in /checkout: write pipelines/quickstart-export`,
    correction: ['pipelines/quickstart-export'],
    paste: [['./pipelines/quickstart-export', 'pipelines/quickstart-export']],
  },
  {
    wrong: [['configs/model/gpt2-nano.yaml', 'small.yaml']],
    message: `comedy.yaml:20:21 error no file "small.yaml"
 20 |       model: { use: small.yaml }
    |                     ^^^^^^^^^^
   hint: nothing is at /checkout/small.yaml; it is beside this file: write ./small.yaml`,
    correction: ['./small.yaml'],
    paste: [['small.yaml', './small.yaml']],
  },
  {
    wrong: [['configs/model/gpt2-nano.yaml', './configs/model/gpt2-nano.yaml']],
    message: `comedy.yaml:20:21 error no file "./configs/model/gpt2-nano.yaml"
 20 |       model: { use: ./configs/model/gpt2-nano.yaml }
    |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: nothing is at /here/configs/model/gpt2-nano.yaml; it is in /checkout: write configs/model/gpt2-nano.yaml`,
    correction: ['configs/model/gpt2-nano.yaml'],
    paste: [['./configs', 'configs']],
  },
]);
