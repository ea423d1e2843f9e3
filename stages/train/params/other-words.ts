import type { Json, Translation } from '../../../src/pipeline/stage-kind.ts';
import { modelWord, modelWords, modelValue } from './other-model-words.ts';

type Mapping = { [key: string]: Json };

/**
 * What nanoGPT, Hugging Face, Axolotl and others call the params of a training, and short forms of params that are
 * mappings here.
 */
export function translate(path: string[], value: Json, stage: Mapping): Translation | null {
  const params = mapping(stage['params']);
  if (path[0] !== 'params' || path[1] === undefined) return null;
  const word = plain(path[1]);
  if (path[1] === 'model' && path.length === 3) return modelWord(plain(path[2]!), value);
  if (path.length === 3 && path[1] === 'init' && path[2] === 'name') return publishedName(value);
  if (path.length > 2) return null;
  if (word in modelWords) return modelValue(params);
  return (
    shortForm(path[1], value, params) ??
    scheduleWord(word, value, params) ??
    plainWord(word, value) ??
    optimizerWord(word, value, params) ??
    startWord(word, value) ??
    runtimeWord(word, value) ??
    (NOTES[word] === undefined ? null : { write: {}, note: NOTES[word] })
  );
}

// ---------------------------------------------------------------------------

const plain = (word: string): string => word.toLowerCase().replace(/[_-]/g, '');
const mapping = (value: Json | undefined): Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
/** `"3e-4"` is often meant as a number. */
const number = (value: Json): number | null =>
  value !== '' && typeof value !== 'boolean' && value !== null && Number.isFinite(Number(value)) ? Number(value) : null;
const rounded = (value: number): number => Number(value.toPrecision(6));

/** Params that are plain values here, too. */
function plainWord(word: string, value: Json): Translation | null {
  const key = PLAIN_WORDS[word];
  const count = number(value);
  if (key !== undefined && count !== null) return { write: { [key]: count } };
  if (/^(num|max|numtrain|train)?epochs?$/.test(word) && count !== null)
    return {
      write: { stop: { epochs: count } },
      note: 'training is counted in steps: steps = epochs x tokens of the chats / (accumulate x batchSize x context). `stop` ends it earlier, after that many epochs',
    };
  if (/^(dtype|precision|mixedprecision|torchdtype|bf16|fp16)$/.test(word))
    return { write: { precision: /bf|brain/.test(`${word}${String(value)}`) && value !== false ? 'bf16' : 'fp32' } };
  return null;
}

const PLAIN_WORDS: Record<string, string> = {
  ...keysOf(
    'steps',
    'maxsteps maxiters numsteps nsteps totalsteps iterations iters niters numiters trainsteps maxtrainsteps',
  ),
  ...keysOf('batchSize', 'microbatchsize perdevicetrainbatchsize trainbatchsize devicebatchsize bs'),
  ...keysOf(
    'accumulate',
    'gradientaccumulationsteps gradaccumsteps gradaccum gradientaccumulation accumulationsteps accumulategradbatches',
  ),
  ...keysOf('validateEvery', 'evalinterval evalsteps evalevery valinterval valcheckinterval validateinterval'),
  ...keysOf('validationBatches', 'evaliters evalbatches valbatches limitvalbatches'),
  ...keysOf('seed', 'randomseed manualseed dataseed'),
  ...keysOf('dropout', 'residpdrop embdpdrop attnpdrop'),
};

function scheduleWord(word: string, value: Json, { schedule, steps }: Mapping): Translation | null {
  const old = mapping(schedule);
  const count = number(value);
  const warmup = (share: number): number => Math.round(share * (number(steps ?? null) ?? 1000));
  const usual = (peak: number): Mapping => ({
    kind: 'cosine',
    peak,
    floor: rounded(peak / 10),
    warmupSteps: Math.min(100, warmup(0.1)),
  });
  const based = typeof old['peak'] === 'number' ? old : usual(3e-4);
  if (/^(learningrate|(max|base|peak|init)?lr)$/.test(word) && count !== null) {
    const floor =
      typeof old['floor'] === 'number' && typeof old['peak'] === 'number' ? old['floor'] / old['peak'] : 0.1;
    const changed = { ...old, peak: count, ...('floor' in old ? { floor: rounded(count * floor) } : {}) };
    return { write: { schedule: typeof old['peak'] === 'number' ? changed : usual(count) } };
  }
  if (/^minlr|lrmin|minlearningrate$/.test(word) && count !== null)
    return { write: { schedule: { ...based, floor: count } } };
  if (/^(num)?warmup(steps|iters|ratio)?$/.test(word) && count !== null)
    return { write: { schedule: { ...based, warmupSteps: count < 1 ? warmup(count) : count } } };
  if (/^(lr)?scheduler(type)?|lrschedule|lrdecaystyle$/.test(word) && typeof value === 'string')
    return {
      write: { schedule: { ...based, ...(scheduleKind(value) === null ? {} : { kind: scheduleKind(value) }) } },
    };
  return null;
}

const scheduleKind = (name: string): string | null => /cosine|linear|constant/.exec(name.toLowerCase())?.[0] ?? null;

function optimizerWord(word: string, value: Json, { optimizer }: Mapping): Translation | null {
  const key = OPTIMIZER_WORDS[word];
  const count = number(value);
  const old = mapping(optimizer);
  return key === undefined || count === null ? null : { write: { optimizer: { kind: 'adamw', ...old, [key]: count } } };
}

const OPTIMIZER_WORDS: Record<string, string> = {
  ...keysOf('weightDecay', 'weightdecay wd'),
  ...keysOf('beta1', 'beta1 adambeta1'),
  ...keysOf('beta2', 'beta2 adambeta2'),
  ...keysOf('epsilon', 'eps adamepsilon adameps epsilon'),
  ...keysOf('clip', 'gradclip maxgradnorm clipgradnorm gradientclipping gradientclipval clipgrad'),
};

function startWord(word: string, value: Json): Translation | null {
  return START_WORD.test(word) && typeof value === 'string' ? startOf(value) : null;
}

const START_WORD =
  /^(basemodel|initfrom|modelname|modelnameorpath|modelid|pretrained|pretrainedmodel|pretrainedmodelnameorpath|finetunefrom|resumefrom)$/;

/** The start of a training that a name stands for: a published size, a folder, random weights. */
function startOf(named: string): Translation {
  const size = publishedSize(named);
  if (size !== null) return { write: { init: { kind: 'published', name: size } } };
  if (named === 'scratch' || named === 'random') return { write: { init: { kind: 'scratch' } } };
  if (named === 'resume')
    return { write: {}, note: 'a training goes on where it stopped if you run it again: leave this out' };
  if (/^(\.{0,2}|~)\//.test(named)) return { write: { init: { kind: 'folder', path: named } } };
  return {
    write: { init: { kind: 'published', name: '124M' } },
    note: 'only GPT-2 can be trained, in its four published sizes or from a folder with its weights',
  };
}

const publishedName = (value: Json): Translation | null => {
  const size = typeof value === 'string' ? publishedSize(value) : null;
  return size === null ? null : { write: { name: size } };
};

function publishedSize(named: string): string | null {
  const size = plain(named)
    .replace(/^(openaicommunity|openai)\//, '')
    .replace(/^gpt2(?=.)/, '');
  return PUBLISHED[size] ?? null;
}

const PUBLISHED: Record<string, string> = {
  ...keysOf('124M', 'gpt2 small 124m 117m'),
  ...keysOf('355M', 'medium 355m 345m'),
  ...keysOf('774M', 'large 774m 762m'),
  ...keysOf('1558M', 'xl 1558m 1542m 1.5b'),
};

/** A text or a number for a param that is a mapping. */
function shortForm(param: string, value: Json, params: Mapping): Translation | null {
  if (param === 'init' && typeof value === 'string') return startOf(value);
  if (param === 'model' && typeof value === 'string') return modelFile(value);
  if (param === 'schedule' && typeof value === 'string')
    return scheduleWord('scheduler', value, { ...params, schedule: {} });
  if (param === 'schedule' && typeof value === 'number') return scheduleWord('lr', value, { ...params, schedule: {} });
  if (param === 'optimizer' && typeof value === 'string') {
    const kind = /adafactor|adamw|adam|sgd/.exec(value.toLowerCase())?.[0];
    return { write: { optimizer: { kind: kind ?? 'adamw' } } };
  }
  return null;
}

function modelFile(named: string): Translation {
  if (/\.ya?ml$/.test(named)) return { write: { model: { use: named } } };
  const size = plain(named)
    .replace(/^(openaicommunity|openai)\//, '')
    .replace(/^gpt2(?=.)/, '');
  const published = PUBLISHED[size];
  return {
    write: {
      model: { use: `configs/model/gpt2-${published ? OLD_SIZES[published] : size === 'nano' ? 'nano' : 'mini'}.yaml` },
    },
    ...(published
      ? {
          note: `that is a new model of this size; init: { kind: published, name: ${published} } begins with the weights of OpenAI`,
        }
      : {}),
  };
}

const OLD_SIZES: Record<string, string> = { '124M': '117m', '355M': '345m', '774M': '762m', '1558M': '1542m' };

function runtimeWord(word: string, value: Json): Translation | null {
  const key = RUNTIME_WORDS[word];
  const count = number(value);
  return key === undefined || count === null ? null : { write: { [key]: count }, section: 'runtime' };
}

const RUNTIME_WORDS: Record<string, string> = {
  ...keysOf('logEvery', 'logevery loginterval loggingsteps logsteps'),
  ...keysOf('checkpointEvery', 'checkpointevery checkpointinterval savesteps saveinterval saveevery ckptinterval'),
};

const NOTES: Record<string, string> = {
  ...keysOf('the tokenize stage decides the vocabulary: leave this out', 'vocabsize vocabularysize'),
  ...keysOf(
    'the machine decides: RUNNER_DEVICE=cpu or RUNNER_DEVICE=gpu before the command chooses',
    'device devices gpus cuda usecuda',
  ),
  ...keysOf('every training is compiled: leave this out', 'compile torchcompile'),
  ...keysOf('the schedule ends with the last step: leave this out', 'lrdecayiters decaylr'),
  ...keysOf('results lie in the folder of the run: leave this out', 'outdir outputdir savedir'),
  ...keysOf('the data are the inputs of the stage: inputs: { chat: tokens }', 'dataset datasets datadir trainfile'),
  ...keysOf(
    'all weights are trained, or those that `freeze` leaves: leave this out',
    'adapter lora lorar loraalpha lorarank peft',
  ),
};

/** One value for many words. */
function keysOf(value: string, words: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, value]));
}
