import { defineContract } from '../../src/pipeline/define-contract.ts';
import { START_PORT } from './params/init.ts';
import { sourceFiles, sourceHelp, sourcePath } from './start/sources.ts';
import { check, params, runtime } from './params/params.ts';
import { translate } from './params/other-words.ts';
import { pauseFault } from './params/pause.ts';

export const contract = defineContract({
  kind: 'train',
  alsoCalled: ['finetune', 'finetuning', 'training', 'pretrain', 'pretraining', 'fit', 'sft'],
  version: 1,
  summary:
    'trains a GPT-2 of any size on tokens, from scratch or from existing weights, with validation, checkpoints and exact resume',
  params,
  runtime,
  sources: ['init.path', 'init.name'],
  sourcePath,
  sourceFiles,
  sourceHelp,
  inputs: { '*': 'tokens' },
  optionalInputs: { [START_PORT]: 'checkpoint' },
  output: 'checkpoint',
  computesWith: ({ engine, precision }) => ({ engine, precision }),
  translate,
  check,
  pauseFault,
  metrics: {
    heldOutLoss: 'eval/loss',
    sweepColumns: [{ metric: 'eval/loss', head: 'best held-out loss', goal: 'min' }],
    trackerColumns: ['eval/loss', 'best/eval_loss', 'train/loss'],
    trackerCharts: ['train/loss', 'eval/loss'],
  },
  sizeParams: ['steps', 'batchSize', 'schedule.peak', 'model.layers', 'model.width'],
  run: async (context) => (await import('../train.ts')).run(context),
});
