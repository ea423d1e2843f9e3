import { PUBLISHED_NAMES } from '../../artifacts/given-weights/published-names.ts';
import { defineVerb, optional, optionalChoice, toggle } from '../verb.ts';

export const setupVerb = defineVerb({
  name: 'setup',
  group: 'Maintain',
  positionals: {
    what: optionalChoice(['mlflow', 'weights']),
    size: optional('SIZE', PUBLISHED_NAMES, 'which weights: 124M or 355M (first published as 117M and 345M)'),
  },
  about: 'install TensorFlow now; or MLflow, published GPT-2 weights, or TensorFlow for GPUs',
  flags: { gpu: toggle('install TensorFlow for NVIDIA GPUs with CUDA 12 (3.4 GB to download, 5.3 GB on disk)') },
  notes: [
    'setup               TensorFlow, which the first training would otherwise install',
    'setup mlflow        the MLflow server that `ui` starts',
    'setup weights SIZE  weights from Hugging Face, checked by size and sha256; an interrupted download resumes.',
    '                    HF_ENDPOINT names a mirror, RUNNER_WEIGHTS the folder to keep them in.',
    "                    OpenAI's licence asks you to label generated text that could be taken for human writing.",
    'setup --gpu         from then on, stages that compute use the GPU if there is one.',
    '                    RUNNER_DEVICE=cpu, gpu or auto (the default) chooses for one command.',
    '',
    "RUNNER_TENSORFLOW names a folder with TensorFlow's two libraries to use instead.",
  ],
  examples: ['setup weights 124M'],
  run: async () => (await import('../machine/setup.ts')).setup,
});
