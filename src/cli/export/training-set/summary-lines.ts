import { SPLIT_NAMES } from '../../../artifacts/tokens/index.ts';
import { counted, withCommas } from '../../../numbers/counted.ts';
import { coloursFor } from '../../screen/style.ts';
import { textTable, widthOf } from '../../screen/text-table.ts';
import type { SplitCounts, Summary } from './summary.ts';
import type { WrittenFile } from './write-training-set.ts';

interface About {
  /** what people call the run */
  name: string;
  me: string;
  /** whether the user has named this person */
  isGiven: boolean;
  files: WrittenFile[];
}

/** What became of every message, as lines for the terminal. */
export function summaryLines(summary: Summary, { name, me, isGiven, files }: About): string[] {
  const colours = coloursFor(process.stdout);
  const owner = isGiven ? '' : ', the owner of these chats (--me NAME for somebody else)';
  return [
    `${colours.bold(`${summary.stage} of ${name}`)}  ${counted(summary.conversations, 'conversation')}, ${counted(summary.messages, 'message')}; learned: ${me}${owner}`,
    '',
    ...table(summary, colours.dim),
    '',
    heldOutLine(summary),
    ...summaryNotes(summary).map((note) => `${colours.yellow('note')}  ${note}`),
    ...(files.every(({ outcome }) => outcome === 'same') ? ['all files were already there, identical'] : []),
  ];
}

// ---------------------------------------------------------------------------

const ROWS: [head: string, (counts: SplitCounts) => number][] = [
  ['samples', ({ samples }) => samples],
  ['turns', ({ turns }) => turns],
  ['estimated tokens', ({ tokens }) => tokens],
  ['messages learned', ({ fates }) => fates.learned],
  ['messages as context', ({ fates }) => fates.context],
  ['left out: no answer follows', ({ fates }) => fates.unanswered],
  ['left out: all by others', ({ fates }) => fates.withoutMe],
  ['left out: empty', ({ fates }) => fates.empty],
];

function table({ splits }: Summary, dim: (text: string) => string): string[] {
  const shown = SPLIT_NAMES.filter(
    (name) => name !== 'test' || Object.values(splits.test.fates).some((count) => count > 0),
  );
  const columns = [{ head: '', shrinks: 1 }, ...shown.map((head) => ({ head, right: true }))];
  const rows = ROWS.map(([head, valueOf]) => [`  ${head}`, ...shown.map((name) => withCommas(valueOf(splits[name])))]);
  return textTable(columns, rows, {
    width: widthOf(process.stdout),
    paint: (line, row) => (row === null ? dim(line) : line),
  });
}

function heldOutLine({ heldOut: { stage, splitBy, seed, validation, test } }: Summary): string {
  if (stage !== null) return `held out: as in stage ${stage}`;
  const share = test > 0 ? `${validation} and ${test}` : String(validation);
  return `held out: a share of ${share} by ${splitBy}, seed ${seed}, because no tokenize stage of the run reads these conversations`;
}

/** What somebody who trains on the files should know. */
export function summaryNotes({ repeated, settings, splits }: Summary): string[] {
  const sum = (valueOf: (counts: SplitCounts) => number): number =>
    SPLIT_NAMES.reduce((total, name) => total + valueOf(splits[name]), 0);
  const [openings, cut, longer, controls] = [
    sum((counts) => counts.openings),
    sum((counts) => counts.cut),
    sum((counts) => counts.longer),
    sum((counts) => counts.controls),
  ];
  const notes: [applies: boolean, note: string][] = [
    [
      openings > 0,
      `${counted(openings, 'sample begins', 'samples begin')} with a message of yours: ${settings.unseen} stands in front of it, because trainers demand that the other side begins`,
    ],
    [
      cut > 0,
      `${counted(cut, 'conversation')} with more than ${withCommas(settings.maxTokens)} estimated tokens ${cut === 1 ? 'was' : 'were'} cut at the longest silence`,
    ],
    [
      longer > 0,
      `${counted(longer, 'sample is', 'samples are')} still longer: a single message each. Raise --max-tokens, and the trainer's own limit, or the trainer will cut off the end`,
    ],
    [
      controls > 0,
      `${counted(controls, 'message contains', 'messages contain')} text such as <|im_end|> or <image>, which a trainer may read as a control token`,
    ],
    [
      repeated > 0,
      `${counted(repeated, 'message')} left out: the conversation repeats one of another split word for word`,
    ],
    [splits.train.samples === 0, 'there is nothing to train on'],
    [splits.validation.samples === 0, 'nothing is held out'],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}
