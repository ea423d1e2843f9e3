import { counted, withCommas } from '../../numbers/counted.ts';
import { roughly, seconds } from '../screen/durations.ts';
import { tokensPerStep, type Candidate } from './candidates.ts';
import { MOST_SECONDS, type Choice } from './choose.ts';
import { HELD_OUT, SPLIT_HOURS, TEMPLATE, type Survey } from './survey.ts';

export interface PipelineFacts {
  /** as the file names the data */
  source: string;
  survey: Survey;
  choice: Choice;
  /** `1 December 2026` */
  date: string;
  /** how the program is called */
  called: string;
  cores: number;
  /** for editors; null if the program may move */
  schema: string | null;
}

/** The text of a pipeline that runs as it is, with comments that say why each number is what it is. */
export function pipelineText({ source, survey, choice, date, called, cores, schema }: PipelineFacts): string {
  const isHeldOut = survey.tokens.heldOut >= 2;
  return [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`, '#']),
    `# Written by \`${called} init\` on ${date}, which read the chats and timed training steps on this machine.`,
    `# Change what you like: \`${called} plan\` shows what would run again, and why.`,
    'name: chats',
    'seed: 1337',
    '',
    'stages:',
    ...chatLines(source, survey),
    '',
    ...tokensLines(survey),
    '',
    ...modelLines(survey, choice, { called, cores }),
    '',
    ...samplesLines(survey),
    ...(isHeldOut
      ? ['', '  report:', '    kind: evaluate', '    inputs: { checkpoint: model, held-out: tokens }']
      : []),
    '',
  ].join('\n');
}

/** The beginnings of the texts that the model writes: whoever writes most. */
export const promptsOf = ({ people }: Survey): string[] =>
  people.length === 0 ? [''] : people.slice(0, 3).map(({ name }) => `${name}:`);

// ---------------------------------------------------------------------------

function chatLines(source: string, { format, columns, conversations, messages, people, timed }: Survey): string[] {
  const size = `${counted(messages, 'message')}${people.length === 0 ? '' : ` of ${counted(people.length, 'person', 'people')}`}`;
  return [
    '  chat:',
    '    kind: ingest',
    '    params:',
    `      source: ${JSON.stringify(source)} # ${size}, in ${counted(conversations, 'conversation')}`,
    `      format: ${format}`,
    ...(columns ? [`      columns: ${JSON.stringify(columns)}`] : []),
    timed
      ? `      splitAfterHours: ${SPLIT_HOURS} # a thread may last for years; so many hours without a message end a conversation`
      : '      # without times, a silence cannot end a conversation: each file or thread is one',
  ];
}

function tokensLines({ tokens }: Survey): string[] {
  const heldOut =
    tokens.heldOut < 2
      ? 'but there is too little to hold out'
      : `a tenth of the conversations: ${counted(tokens.heldOut, 'token')} show whether the model learns or memorizes`;
  return [
    '  tokens:',
    '    kind: tokenize',
    '    inputs: { conversations: chat }',
    '    params:',
    `      template: "${TEMPLATE}"`,
    `      validation: ${HELD_OUT} # ${heldOut}`,
  ];
}

function modelLines(survey: Survey, choice: Choice, { called, cores }: { called: string; cores: number }): string[] {
  const { candidate, steps, validateEvery, validationBatches } = choice;
  const rate = (value: number): string => value.toExponential(1);
  const isHeldOut = survey.tokens.heldOut >= 2;
  return [
    '  model:',
    '    kind: train',
    '    inputs: { chat: tokens }',
    '    params:',
    ...startLines(candidate, called),
    `      batchSize: ${candidate.batchSize}`,
    ...stepComments(survey, choice, cores).map((line) => `      # ${line}`),
    `      steps: ${steps}`,
    `      schedule: { kind: cosine, peak: ${rate(candidate.peak)}, floor: ${rate(candidate.peak / 10)}, warmupSteps: ${Math.min(100, Math.ceil(steps / 10))} }`,
    ...(isHeldOut
      ? [
          `      validateEvery: ${validateEvery} # ten times in all; the best weights are kept`,
          `      validationBatches: ${validationBatches}`,
          '      stop: { patience: 3 } # ends when three validations in a row bring nothing',
        ]
      : []),
  ];
}

function startLines({ title, config, init }: Candidate, called: string): string[] {
  if (init !== null)
    return [
      `      # ${title}, whose weights are on this machine: it knows English already.`,
      `      init: { kind: published, name: ${init} }`,
    ];
  return [
    `      # ${title}, from scratch: of the models in configs/model, it should learn most from this text in two hours.`,
    `      # GPT-2's own weights would write far better English: \`${called} setup weights 124M\`, then a new \`init\`.`,
    `      model: { use: ${config} }`,
  ];
}

function stepComments(
  { tokens }: Survey,
  { candidate, time, steps, passes, seconds: length, limit }: Choice,
  cores: number,
) {
  const perStep = tokensPerStep(candidate);
  const { context } = candidate.model;
  const seen = passes < 0.995 ? `see ${Math.round(100 * passes)} % of` : 'pass over';
  const count = `${withCommas(steps)} steps of ${candidate.batchSize} x ${context} tokens ${seen} the ${counted(tokens.train, 'token')} of text${times(passes)}.`;
  const why = {
    passes:
      candidate.init === null
        ? [
            `More than ${candidate.passes} passes are not worth their time. Text that is repeated four times is nearly as good as new text;`,
            'after that, the held-out loss soon stops falling.',
          ]
        : [
            `More than ${candidate.passes} passes are not worth their time: pretrained weights soon know a small text by heart,`,
            'and then the held-out loss rises.',
          ],
    time: [`More steps would take longer than ${roughly(MOST_SECONDS)}.`],
    least: [
      'That is often, because there is little text: the model will know it by heart. Fewer steps would not even teach it names.',
    ],
  }[limit];
  const took =
    time === null || length === null
      ? 'No step could be timed on this machine, so the number of passes alone decided.'
      : `A step took ${time.step < 1 ? `${(1000 * time.step).toFixed(0)} ms` : seconds(time.step)} on this machine (${counted(cores, 'core')}; ${withCommas(Math.round(perStep / time.step))} tokens/s): about ${roughly(length)} for all of them.`;
  return [count, ...why, took];
}

function times(passes: number): string {
  if (passes < 0.995) return '';
  return passes < 1.05 ? ' once' : ` ${passes < 10 ? Number(passes.toFixed(1)) : Math.round(passes)} times`;
}

function samplesLines(survey: Survey): string[] {
  return [
    '  samples:',
    '    kind: sample',
    '    inputs: { checkpoint: model }',
    '    params:',
    `      prompts: [${promptsOf(survey)
      .map((prompt) => JSON.stringify(prompt))
      .join(', ')}] # whose lines the model begins with`,
    '      samplesPerPrompt: 4',
    '      maxNewTokens: 80',
    '      temperature: 0.8 # 0 repeats itself endlessly, 1.5 is noise',
    '      topK: 40',
  ];
}
