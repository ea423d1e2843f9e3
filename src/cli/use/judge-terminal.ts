import { createInterface } from 'node:readline';
import { NotSaved } from '../../judging/kept-file.ts';
import { NotNow, type Session, type ShownQuestion } from '../../judging/session.ts';
import { coloursFor } from '../screen/style.ts';
import type { Choice } from '../../judging/answers.ts';

const HELP =
  '1 or 2: this text is real; k: I remember this one; u: take the last answer back; stop: end the test for good';
const HELP_SINGLE =
  '1: it is real; 2: it was generated; k: I remember this one; u: take the last answer back; stop: end the test for good';

/** Asks in the terminal, a line for each answer, until the end of the test or of the input. Returns whether it is over. */
export async function judgeInTerminal(session: Session): Promise<boolean> {
  const { dim } = coloursFor(process.stdout);
  const lines = createInterface({ input: process.stdin, ...(process.stdin.isTTY ? { output: process.stdout } : {}) });
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
      const why = acted(session, word, performance.now() - shownAt);
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

/** Does what a line says; if it cannot, returns why. */
function acted(session: Session, word: string, ms: number): string | null {
  const { phase, question } = session.state();
  try {
    if (phase === 'start') {
      if (!['yes', 'y', 'no', 'n'].includes(word)) return 'yes or no?';
      session.begin(word.startsWith('y'));
      return null;
    }
    const { number, design } = question!;
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
      case 'stop':
        return (session.stop(), null);
      default:
        return design === 'pair' ? HELP : HELP_SINGLE;
    }
  } catch (error) {
    if (error instanceof NotNow || error instanceof NotSaved) return error.message;
    throw error;
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
