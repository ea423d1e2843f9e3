import type { JudgedByProgram, Program } from '../artifacts/questions.ts';

/** `report.json` of a `verdict`: figures only. Judges are letters, persons numbers; nobody's name, no text. */
export interface VerdictReport {
  format: 'chat-runner/verdict/1';
  /** digest of the questions */
  questions: string;
  design: 'pair' | 'single';
  /** questions that count towards each judge's result */
  planned: number;
  /** judges who finished or stopped, in the order of their files */
  people: JudgeFigures[];
  /** judges who did neither: whoever is still asked must not learn how they do. Absent if there are none */
  asking?: AskedJudge[];
  /** Judges together, here and below only those from whom there is a conclusion; null if there are fewer than two */
  pooled: PooledFigures | null;
  /** rival → how often the model was taken for the person beside it */
  rivals: Record<string, Together>;
  /** each two models, as people judged them; positive: `a` is recognized more often */
  models: ComparedModels[];
  persons: ({ person: number } & Together)[];
  /** what the answers followed */
  cues: Cue[];
  /** model → program → how it judged; never averaged with people */
  machines: Record<string, Record<Program, JudgedByProgram>>;
  /** rival → the same for the floors; `real` is real text against real text */
  floors: Record<string, Record<Program, JudgedByProgram>>;
  /** each two models by program, on the same conversations: recognized in only one of them */
  machinePairs: { program: Program; a: string; b: string; onlyA: number; onlyB: number; p: number }[];
  /** by model */
  sample: Record<string, SampleFacts>;
  /** what the test itself says of its questions */
  warnings: string[];
  headline: string[];
  refused: Refusal[];
}

/** Why the report draws no conclusion, or warns of one. */
export type Refusal =
  | 'no-answers'
  | 'not-finished'
  | 'stopped-early'
  | 'inattentive'
  | 'knew-the-texts'
  | 'took-part'
  | 'follows-length'
  | 'follows-side'
  | 'one-judge'
  | 'not-a-fair-sample'
  | 'recites';

/** `right` of `answers`, with a 95 % interval. */
export interface Counted {
  right: number;
  answers: number;
  /** null without answers */
  accuracy: number | null;
  low: number;
  high: number;
}

/** `p` against a guesser; null as long not all planned answers are there. */
export interface Tested extends Counted {
  p: number | null;
}

/**
 * Of one judge, as `Tested`; of several together, whose answers to a question are not independent: no p, and no
 * interval of fewer than three judges, or of judges who all answer alike.
 */
export interface Together {
  right: number;
  answers: number;
  accuracy: number | null;
  low: number | null;
  high: number | null;
  p: number | null;
}

/** A judge who is still asked. */
export interface AskedJudge {
  judge: string;
  /** of `asked`, which are all questions: those that count alone would tell which ones these are */
  answered: number;
  asked: number;
  takenBack: number;
}

/** What one judge said of some questions. The interval is exact when all are there. */
export interface Rated extends Tested {
  /** with those that the judge remembered, which are not among `answers` */
  answered: number;
  /** evidence against a guesser, valid at any time; 20 is as strong as p = .05 */
  eValue: number;
  /** p of "at most `atMost`"; null before the end */
  atMost: { most: number; p: number | null };
  /** how many more answers would decide; null if more than 10,000 */
  wanted: number | null;
}

export interface JudgeFigures extends Rated {
  judge: string;
  tookPart: boolean;
  isComplete: boolean;
  /** the judge ended the test before its end */
  isStopped: boolean;
  known: number;
  /** answers that the judge took back */
  takenBack: number;
  /** easy questions */
  catch: { right: number; answers: number };
  /** model → the same of its questions, if there are several models; p is Holm's over the models */
  byModel: Record<string, Rated>;
  dPrime: number;
  /** below 0: prefers the left side, or the answer "real" */
  bias: number;
  repeats: { same: number; asked: number };
  cues: Cue[];
  /** first, second and last third of the session, and p of no difference */
  thirds: Counted[];
  drift: number | null;
  refused: Refusal[];
}

export interface PooledFigures {
  judges: number;
  accuracy: number;
  low: number | null;
  high: number | null;
  /** model → the same, if there are several */
  byModel: Record<string, Together>;
  heterogeneity: { chiSquared: number; freedom: number; p: number };
  /** Krippendorff's; null if no question has two answers */
  alpha: number | null;
  /** Cohen's, of two judges */
  kappa: number | null;
}

export interface ComparedModels {
  a: string;
  b: string;
  difference: number;
  /** as in `Together` */
  low: number | null;
  high: number | null;
  p: number | null;
}

export type CueName = 'left' | 'longer' | 'punctuation' | 'likelier' | 'real';

export interface Cue {
  name: CueName;
  /** of the answers where the texts differ in it; null without any */
  share: number | null;
  answers: number;
  /** Holm's; null before the end, and of several judges */
  p: number | null;
}

/** What the test says about the texts of a model. */
export interface SampleFacts {
  /** of the first drawn texts, those that were not used for their form; and their numbers, by reason */
  passedOverShare: number;
  /** those that only had another length than the real text */
  otherLengthShare: number;
  passedOver: Record<string, number>;
  /** share of first drawn texts that are in the training text, and of held-out ones */
  memorized: { generated: number; real: number };
  /** how often programs recognized the real text, memorized texts included; absent if there are few */
  withMemorized?: Record<Program, number>;
}
