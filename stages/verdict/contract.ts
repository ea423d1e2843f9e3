import { statSync } from 'node:fs';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import { answersFiles } from '../../src/judging/answers.ts';
import { params } from './params.ts';

export const contract = defineContract({
  kind: 'verdict',
  version: 1,
  summary: 'reports what the answers of people and programs to a blind test show, and what they do not',
  params,
  sources: ['answers'],
  optionalSources: ['answers'],
  // beside the answers, a judge who is being asked has a lock
  sourceFiles(_, path) {
    if (statSync(path).isFile()) throw new Error(`${path} is a file: name the folder that holds the answers`);
    return answersFiles(path);
  },
  check: ({ answers }) =>
    answers !== undefined && /^\.\.?(\/|$)/.test(answers)
      ? [
          {
            path: 'answers',
            message: 'is relative to this file, which `./runner judge` does not know',
            hint: 'give a path from the project folder, such as judgements/my-chats, or one that begins with / or ~/',
          },
        ]
      : [],
  inputs: { questions: 'questions' },
  output: 'report',
  trackedFiles: ['report.json', 'report.md'],
  metrics: {
    sweepColumns: [
      { metric: 'judge/people/accuracy', head: 'people', goal: 'min' },
      { metric: 'judge/likelihood/accuracy', head: 'likelihood', goal: 'min' },
    ],
    trackerColumns: ['judge/people/accuracy', 'judge/likelihood/accuracy', 'judge/surface/accuracy'],
    trackerCharts: [],
  },
  run: async (context) => (await import('../verdict.ts')).run(context),
});
