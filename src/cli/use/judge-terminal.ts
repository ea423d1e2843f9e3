import { createInterface } from 'node:readline';
import { NotSaved } from '../../judging/kept-file.ts';
import { NotNow, type Session, type ShownQuestion } from '../../judging/session.ts';
import { coloursFor } from '../screen/style.ts';
import type { Choice } from '../../judging/answers.ts';

const HELP =
  '1 or 2: this text is real; k: I remember this one; u: take the last answer back; stop: end the test for good';
const HELP_SINGLE =
  '1: it is real; 2: it was generated; k: I remember this one; u: take the last answer back; stop: end the test for good';

const ASK_STOP = 'End the test for good? You will see the result, and cannot answer any more questions. (yes or no)';

/** As on the page: nobody reads a question faster, and of lines that are pasted only the first is an answer. */
const EARLIEST_MS = 400;
const ANSWERS: ReadonlySet<string> = new Set(['1', '2', 'k']);

/**
 * Asks in the terminal, a line for each answer, until the end of the test or of the input. Returns whether it is over.
 * A pipe, unlike a person, may answer at once.
 */
export async function judgeInTerminal(
  session: Session,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
): Promise<boolean> {
  const { dim } = coloursFor(process.stdout);
  const isTyped = input.isTTY === true;
  const lines = createInterface({ input, ...(isTyped ? { output: process.stdout } : {}) });
  const act = actions(session);
  let shownAt = 0;
  const show = (): void => {
    const state = session.state();
    if (state.phase === 'start') process.stdout.write('Did you take part in these conversations? (yes or no) ');
    if (state.question) console.log(questionText(state.question, state));
    shownAt = performance.now();
  };
  try {
    if (session.state().phase === 'done') return true;
    show();
    for await (const line of lines) {
      const word = line.trim().toLowerCase();
      if (word === '') continue;
      const ms = performance.now() - shownAt;
      const why = isTyped && ms < EARLIEST_MS && ANSWERS.has(word) ? 'too early to have read it' : act(word, ms);
      if (why !== null) console.log(dim(why));
      if (session.state().phase === 'done') return true;
      if (why === null) show();
    }
    return false;
  } finally {
    lines.close();
  }
}

// ---------------------------------------------------------------------------

/** Does what a line says; if it cannot, or asks back, returns what to say. */
function actions(session: Session): (word: string, ms: number) => string | null {
  let isStopping = false;
  return (word, ms) => {
    const { phase, question } = session.state();
    const wasStopping = isStopping;
    isStopping = false;
    try {
      if (phase === 'start') {
        if (!isYesOrNo(word)) return 'yes or no?';
        session.begin(word.startsWith('y'));
        return null;
      }
      if (wasStopping && isYesOrNo(word)) {
        if (word.startsWith('y')) session.stop();
        return null;
      }
      isStopping = word === 'stop';
      return isStopping ? ASK_STOP : answered(session, question!, word, ms);
    } catch (error) {
      if (error instanceof NotNow || error instanceof NotSaved) return error.message;
      throw error;
    }
  };
}

const isYesOrNo = (word: string): boolean => ['yes', 'y', 'no', 'n'].includes(word);

function answered(session: Session, { number, design }: ShownQuestion, word: string, ms: number): string | null {
  const answer = (chose: Choice | null): null => (session.answer({ number, chose, ms: Math.round(ms) }), null);
  switch (word) {
    case '1':
      return answer(design === 'pair' ? 'left' : 'real');
    case '2':
      return answer(design === 'pair' ? 'right' : 'generated');
    case 'k':
      return answer(null);
    case 'u':
      return (session.undo(), null);
    default:
      return design === 'pair' ? HELP : HELP_SINGLE;
  }
}

function questionText(
  { design, context, left, right }: ShownQuestion,
  { answered, total }: { answered: number; total: number },
): string {
  const { bold, dim } = coloursFor(process.stdout);
  const linesOf = (lines: ShownQuestion['left']): string[] =>
    lines.map(([who, text]) => (who === '' ? `  ${text}` : `  ${dim(`${who}:`)} ${text}`));
  return [
    '',
    bold(`${answered + 1} of ${total}`),
    ...linesOf(context),
    ...(design === 'pair'
      ? [
          '',
          bold('Text 1'),
          ...linesOf(left),
          '',
          bold('Text 2'),
          ...linesOf(right),
          '',
          'Which text is real? (1, 2, k, u, ?)',
        ]
      : ['', bold('Text'), ...linesOf(left), '', 'Is it real? (1: yes, 2: no, k, u, ?)']),
  ].join('\n');
}
