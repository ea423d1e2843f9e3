import { checkMistakes } from './kit.ts';

checkMistakes('numbers, shares, times and dates', [
  {
    wrong: [['validation: 0.1', 'validation: 10']],
    message: `comedy.yaml:15:19 error "validation" must be at most 0.5, not 10
 15 |       validation: 10
    |                   ^^
   hint: write 0.1 for 10 %: share of conversations held out of training`,
    correction: ['0.1'],
    paste: [['validation: 10', 'validation: 0.1']],
  },
  {
    wrong: [['validation: 0.1', 'validation: 10%']],
    message: `comedy.yaml:15:19 error expected a number, found text "10%"
 15 |       validation: 10%
    |                   ^^^
   hint: write 0.1`,
    correction: ['0.1'],
    paste: [['validation: 10%', 'validation: 0.1']],
  },
  {
    wrong: [['steps: 240', 'steps: 0']],
    message: `comedy.yaml:22:14 error "steps" must be at least 1, not 0
 22 |       steps: 0
    |              ^
   hint: number of updates; each sees accumulate x batchSize x context tokens`,
    correction: ['1'],
    paste: [['steps: 0', 'steps: 1']],
  },
  {
    wrong: [['format: csv', 'format: csv\n      splitAfterHours: 6h']],
    message: `comedy.yaml:9:24 error expected a number, found text "6h"
 9 |       splitAfterHours: 6h
   |                        ^^
   hint: write splitAfterHours: 6`,
    correction: ['splitAfterHours: 6'],
    paste: [['splitAfterHours: 6h', 'splitAfterHours: 6']],
  },
  {
    wrong: [['format: csv', 'format: csv\n      keep: { from: 24.02.2020 }']],
    message: `comedy.yaml:9:21 error "24.02.2020" does not have the expected form
 9 |       keep: { from: 24.02.2020 }
   |                     ^^^^^^^^^^
   hint: write from: 2020-02-24`,
    correction: ['from: 2020-02-24'],
    paste: [['from: 24.02.2020', 'from: 2020-02-24']],
  },
  {
    wrong: [['format: csv', 'format: csv\n      keep: { from: 1/2/2020 }']],
    message: `comedy.yaml:9:21 error "1/2/2020" does not have the expected form
 9 |       keep: { from: 1/2/2020 }
   |                     ^^^^^^^^
   hint: write from: 2020-02-01; or 2020-01-02, if the month comes first`,
    correction: ['from: 2020-02-01'],
    paste: [['from: 1/2/2020', 'from: 2020-02-01']],
  },
]);

checkMistakes('formats and sources', [
  {
    wrong: [
      ['      format: csv\n      columns: { from: name, time: date, text: message }\n', '      format: facebook\n'],
    ],
    message: `comedy.yaml:8:15 error "format" cannot be "facebook"
 8 |       format: facebook
   |               ^^^^^^^^
   hint: write format: messenger`,
    correction: ['format: messenger'],
    paste: [['format: facebook', 'format: messenger']],
  },
  {
    wrong: [['      format: csv\n      columns: { from: name, time: date, text: message }\n', '      format: txt\n']],
    message: `comedy.yaml:8:15 error "format" cannot be "txt"
 8 |       format: txt
   |               ^^^
   hint: write format: auto`,
    correction: ['format: auto'],
    paste: [['format: txt', 'format: auto']],
  },
  {
    wrong: [['      format: csv\n      columns: { from: name, time: date, text: message }\n', '      format: json\n']],
    message: `comedy.yaml:8:15 error "format" cannot be "json"
 8 |       format: json
   |               ^^^^
   hint: write format: auto`,
    correction: ['format: auto'],
    paste: [['format: json', 'format: auto']],
  },
  {
    wrong: [
      ['      format: csv\n      columns: { from: name, time: date, text: message }\n', '      format: WhatsApp\n'],
    ],
    message: `comedy.yaml:8:15 error "format" cannot be "WhatsApp"
 8 |       format: WhatsApp
   |               ^^^^^^^^
   hint: did you mean "whatsapp"?`,
    correction: ['whatsapp'],
    paste: [['format: WhatsApp', 'format: whatsapp']],
  },
  {
    wrong: [
      [
        'source: ./comedy.csv\n      format: csv\n      columns: { from: name, time: date, text: message }\n',
        'source: [./comedy.csv, ./home/comedy.csv]\n',
      ],
    ],
    message: `comedy.yaml:7:15 error expected text, found a list
 7 |       source: [./comedy.csv, ./home/comedy.csv]
   |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: write sources: [ { path: ./comedy.csv }, { path: ./home/comedy.csv } ]`,
    correction: ['sources: [ { path: ./comedy.csv }, { path: ./home/comedy.csv } ]'],
    paste: [
      ['source: [./comedy.csv, ./home/comedy.csv]', 'sources: [ { path: ./comedy.csv }, { path: ./home/comedy.csv } ]'],
    ],
  },
  {
    wrong: [
      [
        'source: ./comedy.csv\n      format: csv\n      columns: { from: name, time: date, text: message }\n',
        'sources: [./comedy.csv]\n',
      ],
    ],
    message: `comedy.yaml:7:17 error expected a mapping, found text "./comedy.csv"
 7 |       sources: [./comedy.csv]
   |                 ^^^^^^^^^^^^
   hint: write sources: [ { path: ./comedy.csv } ]`,
    correction: ['sources: [ { path: ./comedy.csv } ]'],
    paste: [['sources: [./comedy.csv]', 'sources: [ { path: ./comedy.csv } ]']],
  },
  {
    wrong: [['source: ./comedy.csv', 'path: ./comedy.csv']],
    message: `comedy.yaml:7:7 error unknown key "path"
 7 |       path: ./comedy.csv
   |       ^^^^
   hint: write source: ./comedy.csv`,
    correction: ['source: ./comedy.csv'],
    paste: [['path: ./comedy.csv', 'source: ./comedy.csv']],
  },
  {
    wrong: [['      columns: { from: name, time: date, text: message }\n', '']],
    message: `comedy.yaml:7:7 error "columns" is missing: format csv needs the names of the columns
 7 |       source: ./comedy.csv
   |       ^^^^^^^^^^^^^^^^^^^^
   hint: for example columns: { from: name, time: date, text: message }; without \`format\` and \`columns\`, the run names the columns that are there`,
    correction: ['columns: { from: name, time: date, text: message }'],
    paste: [['      format: csv\n', '      format: csv\n      columns: { from: name, time: date, text: message }\n']],
  },
]);
