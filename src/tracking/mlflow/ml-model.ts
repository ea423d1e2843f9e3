/**
 * The files beside the weights from which `mlflow.transformers` and `mlflow.pyfunc` load a model. They are what
 * MLflow 3.17 writes for a text-generation pipeline of transformers 5.
 */
import { mlflowVersion } from './versions.ts';

export interface ModelDescription {
  modelId: string;
  runId: string;
  /** class of the model in transformers: `GPT2LMHeadModel` */
  architecture: string;
  /** class of the tokenizer in transformers */
  tokenizer: string;
  /** longest text that it reads, in tokens; null if it is not known */
  context: number | null;
  bytes: number;
  /** milliseconds since 1970 */
  time: number;
}

/** Path in the model's folder → content. */
export function modelTexts(model: ModelDescription): Record<string, string> {
  const requirements = ['mlflow', 'transformers', 'torch'];
  return {
    'requirements.txt': requirements.join('\n'),
    'python_env.yaml': yaml({
      python: PYTHON,
      build_dependencies: ['pip', 'setuptools', 'wheel'],
      dependencies: ['-r requirements.txt'],
    }),
    'conda.yaml': yaml({
      name: 'mlflow-env',
      channels: ['conda-forge'],
      dependencies: [`python=${PYTHON}`, 'pip', { pip: requirements }],
    }),
    'model/generation_config.json': yaml(generation(model)),
    MLmodel: yaml(mlModel(model)),
  };
}

// ---------------------------------------------------------------------------------------------------------------------

const PYTHON = '3.11';

/** JSON is YAML, too. */
const yaml = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** By default a pipeline of transformers writes 256 tokens, which is more than a small model can read. */
function generation({ context }: ModelDescription): object {
  return {
    do_sample: true,
    temperature: 0.8,
    ...(context === null ? {} : { max_new_tokens: Math.min(256, context >> 1) }),
  };
}

function mlModel({ modelId, runId, architecture, tokenizer, bytes, time }: ModelDescription): object {
  const text = JSON.stringify([{ type: 'string', required: true }]);
  return {
    flavors: {
      python_function: {
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.transformers',
        python_version: PYTHON,
      },
      transformers: {
        code: null,
        components: ['tokenizer'],
        instance_type: 'TextGenerationPipeline',
        model_binary: 'model',
        pipeline_model_type: architecture,
        // only a name: the weights are in the folder `model`
        source_model_name: 'chat-runner',
        task: 'text-generation',
        tokenizer_type: tokenizer,
        torch_dtype: 'torch.float32',
        transformers_version: '5.23.0',
      },
    },
    mlflow_version: mlflowVersion,
    model_id: modelId,
    model_size_bytes: bytes,
    model_uuid: modelId.replace(/^m-/, ''),
    run_id: runId,
    signature: { inputs: text, outputs: text, params: null },
    utc_time_created: new Date(time).toISOString().replace('T', ' ').replace('Z', '000'),
  };
}
