import { tokensPerStep, type Candidate } from './candidates.ts';
import type { StepTime } from './time-step.ts';

/** How to train, and how long that takes. */
export interface Choice {
  candidate: Candidate;
  /** null if no step could be timed */
  time: StepTime | null;
  steps: number;
  /** passes over the text in these steps */
  passes: number;
  validateEvery: number;
  validationBatches: number;
  /** of the whole training with its validations; null if no step could be timed */
  seconds: number | null;
  /** what limits the number of steps */
  limit: 'passes' | 'time' | 'least';
}

export interface Circumstances {
  tokens: { train: number; heldOut: number };
  /** Times a step; null if it fails. */
  time(candidate: Candidate): Promise<StepTime | null>;
  hasMemory(candidate: Candidate): boolean;
}

/**
 * Given weights, if there is time to adapt them; else of the models for which there is enough text and memory the one
 * that should reach the lowest loss. The last candidate is always considered.
 */
export async function chooseTraining(candidates: Candidate[], around: Circumstances): Promise<Choice> {
  const last = candidates.at(-1)!;
  const choices: Choice[] = [];
  for (const candidate of candidates) {
    if (candidate !== last && (around.tokens.train < candidate.leastTokens || !around.hasMemory(candidate))) continue;
    const time = await around.time(candidate);
    if (time === null) continue;
    const choice = trainingOf(candidate, time, around.tokens);
    if (candidate.init === null) choices.push(choice);
    else if (choice.passes >= 1 || choice.steps >= LEAST_STEPS_ADAPTING) return choice;
  }
  const best = choices.toSorted((a, b) => expectedLoss(a) - expectedLoss(b))[0];
  return best ?? trainingOf(last, null, around.tokens);
}

/** As many steps as are worth their time, but no more than there is time for. */
export function trainingOf(
  candidate: Candidate,
  time: StepTime | null,
  tokens: { train: number; heldOut: number },
): Choice {
  const perStep = tokensPerStep(candidate);
  const worth = Math.ceil((candidate.passes * tokens.train) / perStep);
  const wanted = Math.max(LEAST_STEPS, worth);
  const units = time === null ? Infinity : (MOST_SECONDS * MARGIN - time.first) / time.step;
  const share = VALIDATION_SHARE * Math.min(units, wanted);
  const validationBatches = Math.max(
    1,
    Math.min(MOST_BATCHES, Math.ceil(tokens.heldOut / perStep), Math.floor(share / costOfBatches(1))),
  );
  const validating = tokens.heldOut < 2 ? 0 : costOfBatches(validationBatches);
  const affordable = units - validating;
  const steps = roundedSteps(Math.max(1, Math.min(wanted, affordable)));
  return {
    candidate,
    time,
    steps,
    passes: (steps * perStep) / tokens.train,
    validateEvery: Math.max(1, Math.ceil(steps / VALIDATIONS)),
    validationBatches,
    seconds: time === null ? null : time.first + time.step * (steps + validating),
    limit: affordable < wanted ? 'time' : worth < LEAST_STEPS ? 'least' : 'passes',
  };
}

/** Training may take two hours. */
export const MOST_SECONDS = 7200;

// ---------------------------------------------------------------------------

/** Other programs need the processor too, and the last steps should not be the ones that are missing. */
const MARGIN = 0.9;

/** In fewer steps, given weights do not learn to write like anybody. */
const LEAST_STEPS_ADAPTING = 200;

/**
 * What can be reduced of the loss, by the law that Hoffmann et al. fitted to many models ("Training compute-optimal
 * large language models", 2022): more weights and more tokens both help. It holds for new text; `passes` and
 * `leastTokens` keep it away from text that is repeated too often.
 */
function expectedLoss({ candidate, steps }: Choice): number {
  const { layers, width } = candidate.model;
  const weights = 12 * layers * width ** 2; // outside of the embedding
  return 406.4 / weights ** 0.34 + 410.7 / (steps * tokensPerStep(candidate)) ** 0.28;
}

/** With fewer steps not even names and line ends are learned, however small the text. */
const LEAST_STEPS = 100;

const VALIDATIONS = 10;

/** Of the time for steps, at most this share may go to validations. */
const VALIDATION_SHARE = 0.2;
const MOST_BATCHES = 20;

/** Of all validations, in steps: there is one more, at the start, and without gradients a batch takes a third. */
const costOfBatches = (batches: number): number => ((VALIDATIONS + 1) * batches) / 3;

/** Whole tens, downwards: 1,234 would seem to mean something. */
const roundedSteps = (steps: number): number => (steps < 20 ? Math.floor(steps) : Math.floor(steps / 10) * 10);
