/**
 * verdict: reads a blind test and the answers of people, and writes a report. It computes nothing with a model, so it
 * is run again whenever somebody has answered. What a tracker gets holds no text and no names: judges are letters in
 * the order of their files, persons are numbers. The names are in `judges.json` and `persons.json`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfBlindTest, readBlindTest } from '../src/artifacts/questions.ts';
import { answersFiles, AnswersError, AnswersFolderError, fileText, readAnswers } from '../src/judging/answers.ts';
import { answersCsv } from '../src/judging/answers-csv.ts';
import { checkJudge, checkQuestions } from '../src/judging/answers-file.ts';
import { foldedName } from '../src/judging/judge-name.ts';
import type { JudgeAnswers } from '../src/judging/judge-figures.ts';
import { reportMarkdown } from '../src/judging/report-markdown.ts';
import { verdictMetrics } from '../src/judging/verdict-metrics.ts';
import { verdictOf } from '../src/judging/verdict.ts';
import { letterOf } from '../src/numbers/letter.ts';
import { StageInputError } from '../src/pipeline/stage-kind.ts';
import type { Context } from './verdict/params.ts';

export async function run({ params, inputs, sources, outDir, emit }: Context): Promise<void> {
  const dir = inputs['questions']!;
  const test = readBlindTest(dir);
  const digest = digestOfBlindTest(dir);
  const judges =
    sources['answers'] === undefined
      ? []
      : judgesIn(sources['answers'], digest, (text) => emit({ kind: 'warning', text }));
  const verdict = verdictOf({ digest, ...test }, judges, params);
  const { report } = verdict;
  const write = (name: string, text: string): void => writeFileSync(join(outDir, name), text);
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  write('report.json', json(report));
  write('report.md', reportMarkdown(report));
  write('answers.csv', answersCsv(verdict.results));
  write('persons.json', json(test.persons));
  write('judges.json', json(Object.fromEntries(judges.map(({ header }, index) => [letterOf(index), header.judge]))));
  for (const text of report.headline) emit({ kind: 'note', text });
  for (const [name, value] of Object.entries(verdictMetrics(report))) emit({ kind: 'metric', name, step: 0, value });
}

// ---------------------------------------------------------------------------

type NamedAnswers = JudgeAnswers & { header: { judge: string } };

/** The answers of all judges. Messages call them by letter: their names are for nobody else. */
function judgesIn(dir: string, questions: string, warn: (text: string) => void): NamedAnswers[] {
  const files = filesIn(dir);
  checkTwins(files, dir);
  return files.flatMap((file, index) => {
    const which = fileText(dir, index, files.length);
    try {
      const part = readAnswers(dir, file);
      if (part === null) return [];
      checkQuestions(part.header, questions);
      checkJudge(part.header, file);
      if (part.damaged.length > 0)
        warn(
          `${which} is damaged in ${part.damaged.length === 1 ? 'line' : 'lines'} ${part.damaged.join(', ')}: these answers do not count`,
        );
      return [part];
    } catch (error) {
      if (error instanceof AnswersError) throw new StageInputError(`${which} ${error.message}`);
      throw error;
    }
  });
}

function filesIn(dir: string): string[] {
  try {
    return answersFiles(dir);
  } catch (error) {
    if (error instanceof AnswersFolderError) throw new StageInputError(error.message);
    throw error;
  }
}

/** Two files of one judge would count as two judges. */
function checkTwins(files: readonly string[], dir: string): void {
  const first = new Map<string, number>();
  for (const [index, file] of files.entries()) {
    const name = foldedName(file);
    const twin = first.get(name);
    if (twin !== undefined)
      throw new StageInputError(
        `files ${twin + 1} and ${index + 1} of ${files.length} in ${dir}, by name, differ only in case or accents, so they are of one judge: keep one`,
      );
    first.set(name, index);
  }
}
