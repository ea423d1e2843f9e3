import { shellWord } from '../../files/shell-word.ts';
import { calledAs } from '../../files/called-as.ts';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfBlindTest, readBlindTest, type BlindTest } from '../../artifacts/questions.ts';
import { projectFolder } from '../../files/project-folder.ts';
import { unreachable } from '../../files/unreachable.ts';
import { userName } from '../../files/user-name.ts';
import { artifactsOf } from '../../history/past-runs.ts';
import { AnswersError, AnswersFolderError } from '../../judging/answers.ts';
import { openAnswersFile, type AnswersFile } from '../../judging/answers-file.ts';
import { headlineOf } from '../../judging/headline.ts';
import { NotSaved } from '../../judging/kept-file.ts';
import { answersFileOf } from '../../judging/judge-name.ts';
import { orderOf } from '../../judging/order.ts';
import { openSession, type Session } from '../../judging/session.ts';
import { verdictOf } from '../../judging/verdict.ts';
import { counted } from '../../numbers/counted.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { accessKey, accessKeyPath } from '../../serve/access-key.ts';
import { answerJudge, judgeErrorBody } from '../../serve/judge/api.ts';
import { judgePage } from '../../pages/judge-page.ts';
import { servedPage } from '../../serve/served-page.ts';
import { producersIn } from '../../store/producers.ts';
import { openStore } from '../../store/store.ts';
import { freePort } from '../../tracking/server/port.ts';
import { findQuestions, verdictStageOf, type FoundQuestions, type VerdictStage } from '../find/find-questions.ts';
import { locate } from '../load/locate.ts';
import { runsDirectory } from '../runs-directory.ts';
import { nearPath } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { UsageError } from '../verb.ts';
import { judgeInTerminal } from './judge-terminal.ts';
import { listening } from './listening.ts';

interface JudgeArguments {
  test: string;
  judge: string | null;
  terminal: boolean;
  port: number | null;
}

const FIRST_PORT = 5217;
const DEFAULT_AT_MOST = 0.6;

/** `runner judge RUN[/STAGE]`: until the last answer in a terminal, until Ctrl-C as a page. */
export async function judge({ test: named, judge: name, terminal, port }: JudgeArguments): Promise<number> {
  const found = findQuestions(runsDirectory(), named);
  const test = readBlindTest(found.dir);
  const digest = digestOfBlindTest(found.dir);
  const judged = (name ?? (userName() || 'judge')).normalize('NFC');
  if (answersFileOf(judged) === null)
    throw new UsageError(
      `--judge takes a name of letters, digits, spaces, and . _ - that begins with a letter or digit, not "${judged}"`,
    );
  const order = orderOf(judged);
  const verdict = verdictStageOf(found);
  const dir = answersDir(found, verdict);
  const file = opened(dir, { judge: judged, questions: digest, order });
  try {
    const session = openSession({ ...test, digest }, { file, judge: judged, order, now: () => new Date() });
    const { dim } = coloursFor(process.stdout);
    console.log(`questions  test of ${found.past.name}: ${sizeText(test)}`);
    for (const text of notesOf(file, found)) console.log(dim(`           ${text}`));
    const result = (): string[] =>
      resultOf(test, digest, { file, judge: judged, atMost: verdict?.atMost ?? DEFAULT_AT_MOST });
    const close = (): void => console.log([...result(), nextText(found, verdict)].join('\n'));
    if (terminal) {
      if (await judgeInTerminal(session)) close();
      else
        console.log(
          file.header === null
            ? 'nothing was answered'
            : `every answer is in ${nearPath(file.path)}; the same command continues`,
        );
    } else await serveJudge(session, { test, port, result, close });
  } finally {
    closed(file);
  }
  return 0;
}

// ---------------------------------------------------------------------------

/** Where the verdict of the run looks for answers, else `judgements/PIPELINE`. */
function answersDir({ past }: FoundQuestions, verdict: VerdictStage | null): string {
  const pipeline = past.record?.pipeline ?? 'test';
  return locate(verdict?.answers ?? join('judgements', pipeline), join(projectFolder(), 'pipelines', 'x.yaml'));
}

function opened(dir: string, asked: { judge: string; questions: string; order: number }): AnswersFile {
  try {
    const file = openAnswersFile(dir, asked);
    if ('heldBy' in file)
      throw new UserError(
        `process ${file.heldBy.pid} is already asking ${asked.judge}; end it there, or give another name with --judge`,
      );
    return file;
  } catch (error) {
    const path = nearPath(join(dir, answersFileOf(asked.judge)!));
    if (error instanceof AnswersError) throw new UserError(`${path} ${error.message}`, { cause: error });
    if (error instanceof AnswersFolderError) throw new UserError(error.message, { cause: error });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = unreachable(dir) ?? message;
    throw new UserError(`no answers can be kept in ${nearPath(dir)}: ${why}`, { cause: error });
  }
}

function closed(file: AnswersFile): void {
  try {
    file.close();
  } catch (error) {
    if (error instanceof NotSaved) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

function sizeText({ report: { asked, design, context, lines } }: BlindTest): string {
  const shown = design === 'pair' ? counted(asked.questions, 'pair') : counted(asked.questions, 'text');
  const more = [
    ...(asked.catch > 0 ? [counted(asked.catch, 'easy one')] : []),
    ...(asked.duels > 0 ? [counted(asked.duels, 'duel')] : []),
    ...(asked.repeats > 0 ? [`${asked.repeats} asked twice`] : []),
  ];
  return [`${shown} (${counted(context, 'line')} before, ${lines} judged)`, ...more].join(', ');
}

function notesOf(file: AnswersFile, found: FoundQuestions): string[] {
  const earlier = otherTests(found);
  return [
    ...(file.cut > 0
      ? ['the last line of the answers was incomplete and has been removed; every answer before it counts']
      : []),
    ...(file.damaged.length > 0
      ? [
          `${file.damaged.length === 1 ? 'line' : 'lines'} ${file.damaged.join(', ')} of ${nearPath(file.path)} ${file.damaged.length === 1 ? 'is' : 'are'} damaged: what was answered there is asked again`,
        ]
      : []),
    ...(earlier > 0
      ? [
          `${counted(earlier, 'other test')} over the same held-out text in this store: with enough tries, chance alone gives a good result`,
        ]
      : []),
  ];
}

/** Results of `turing` stages over the same held-out text, beside this one. */
function otherTests({ past, stage }: FoundQuestions): number {
  const producers = producersIn(openStore(join(runsDirectory(), 'store')));
  const artifact = artifactsOf(past).get(stage);
  const heldOut = artifact && producers.get(artifact)?.[0]?.preImage.inputs['held-out'];
  if (!heldOut) return 0;
  return [...producers].filter(
    ([other, made]) =>
      other !== artifact &&
      made.some(({ preImage }) => preImage.kind === 'turing' && preImage.inputs['held-out'] === heldOut),
  ).length;
}

/** The sentences of the report, of this judge alone, by name. */
function resultOf(
  test: BlindTest,
  digest: string,
  { file, judge, atMost }: { file: AnswersFile; judge: string; atMost: number },
): string[] {
  const answers = { header: file.header ?? { tookPart: false }, records: file.records };
  return headlineOf(verdictOf({ ...test, digest }, [answers], { atMost }).report, () => judge);
}

function nextText({ past, stage }: FoundQuestions, verdict: VerdictStage | null): string {
  if (verdict === null) return `next: add a stage of the kind verdict with \`inputs: { questions: ${stage} }\``;
  if (verdict.answers === null)
    return `next: set \`answers: ${join('judgements', past.record?.pipeline ?? 'test')}\` of the stage ${verdict.name}`;
  const pipelines = join(projectFolder(), 'pipelines');
  const name = `${past.record?.pipeline}.yaml`;
  const file = existsSync(pipelines) && readdirSync(pipelines).includes(name) ? join(pipelines, name) : null;
  const shown = nearPath(file ?? join(past.dir, 'pipeline.yaml'));
  return `${verdict.name} is due: its source changed\nnext: ${calledAs()} run ${shellWord(shown)}`;
}

async function serveJudge(
  session: Session,
  { test, port, result, close }: { test: BlindTest; port: number | null; result(): string[]; close(): void },
): Promise<void> {
  const key = accessKey(accessKeyPath(process.env), false);
  const { design, context, lines } = test.report;
  let isClosed = session.state().phase === 'done';
  const server = await listening({
    port: port ?? (await freePort(FIRST_PORT)),
    key,
    pages: { '/': servedPage(judgePage, 'judge') },
    answer: (exchange) =>
      answerJudge(
        {
          session,
          about: { design, context, lines },
          result,
          onChange({ phase }) {
            if (phase === 'done' && !isClosed) close();
            isClosed = phase === 'done';
          },
        },
        exchange,
      ),
    errorBody: judgeErrorBody,
    log: () => {}, // one line for each answer would hide the address
  });
  const { dim, bold } = coloursFor(process.stdout);
  const { judge, answered, total, phase } = session.state();
  console.log(
    `judge      ${bold(`http://127.0.0.1:${server.port}/#${key}`)}   ${dim('(only this machine; the key is in the address)')}`,
  );
  console.log(
    `           ${judge}: ${answered} of ${total} answered${phase === 'done' ? '; the test is over' : answered > 0 ? ', continues with the next' : ''}. Ctrl-C ends the server; every answer is saved.`,
  );
  if (isClosed) close();
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}
