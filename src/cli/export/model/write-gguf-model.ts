import { join } from 'node:path';
import type { Checkpoint } from '../../../artifacts/checkpoint/checkpoint.ts';
import { writeGguf, type GgufTensor, type GgufValue } from '../../../artifacts/gguf/gguf-file.ts';
import type { TensorType } from '../../../artifacts/gguf/tensor-types.ts';
import { replaceFileDurably } from '../../../files/replace-file.ts';
import type { ModelConfig, ModelLayout } from '../../../lm/model/architecture.ts';
import { layoutOf } from '../../../lm/model/layouts.ts';
import { product } from '../../../numbers/product.ts';
import { transposed } from '../../../numbers/transposed.ts';
import { llamaCppVocabulary, type LlamaCppVocabulary } from '../../../tokenizer/llama-cpp-vocabulary.ts';
import type { ChatFormat } from './chat/chat-format.ts';
import { jinjaTemplate } from './chat/jinja.ts';
import { modelfile } from './chat/modelfile.ts';

/** Writes `model.gguf` and `Modelfile` to a folder. Throws a RangeError if the model does not fit into the type. */
export async function writeGgufModel(
  dir: string,
  {
    checkpoint,
    type,
    format,
    afterSeparator,
    onBytes,
  }: {
    checkpoint: Checkpoint<ModelConfig>;
    type: TensorType;
    format: ChatFormat | null;
    /** whether the separator precedes every text */
    afterSeparator: boolean;
    onBytes(done: number, total: number): void;
  },
): Promise<void> {
  const layout = layoutOf(checkpoint.model);
  const vocabulary = llamaCppVocabulary(checkpoint, checkpoint.model.vocabularySize);
  const metadata = {
    ...modelMetadata(layout, type),
    ...vocabularyMetadata(vocabulary),
    'tokenizer.ggml.add_bos_token': { type: 'bool' as const, value: afterSeparator },
    ...(format === null ? {} : chatMetadata(format, vocabulary)),
  };
  await writeGguf(join(dir, 'model.gguf'), { metadata, tensors: tensorsOf(layout, checkpoint, type), onBytes });
  replaceFileDurably(join(dir, 'Modelfile'), modelfile({ context: checkpoint.model.context, format }));
}

// ---------------------------------------------------------------------------

const count = (value: number): GgufValue => ({ type: 'uint32', value });
const text = (value: string): GgufValue => ({ type: 'string', value });

/** llama.cpp's numbers of a file in which most tensors have this type. */
const FILE_TYPES: Record<TensorType, number> = { f32: 0, f16: 1, bf16: 32, q8_0: 7 };
const QUANTIZATION_VERSION = 2;

function modelMetadata(layout: ModelLayout, type: TensorType): Record<string, GgufValue> {
  const { architecture, counts, numbers } = layout.llamaCppForm();
  const keyed = <Value>(values: Record<string, Value>, of: (value: Value) => GgufValue) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, of(value)]));
  const size = sizeLabel(layout);
  return {
    'general.architecture': text(architecture),
    'general.type': text('model'),
    'general.name': text(`${architecture} ${size} trained by chat-runner`),
    'general.size_label': text(size),
    'general.file_type': count(FILE_TYPES[type]),
    'general.quantization_version': count(QUANTIZATION_VERSION),
    ...keyed(counts, count),
    ...keyed(numbers, (value) => ({ type: 'float32', value })),
  };
}

/** `124M`: the number of weights. */
function sizeLabel({ weightShapes }: ModelLayout): string {
  const weights = Object.values(weightShapes).reduce((sum, shape) => sum + product(shape), 0);
  return weights < 1e6 ? `${Math.round(weights / 1e3)}K` : `${Math.round(weights / 1e6)}M`;
}

function vocabularyMetadata(vocabulary: LlamaCppVocabulary): Record<string, GgufValue> {
  const { model, splitter, tokens, types, merges, separator } = vocabulary;
  return {
    'tokenizer.ggml.model': text(model),
    'tokenizer.ggml.pre': text(splitter),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    'tokenizer.ggml.merges': { type: 'strings', value: merges },
    'tokenizer.ggml.bos_token_id': count(separator),
    'tokenizer.ggml.eos_token_id': count(separator),
  };
}

/** A turn ends with its line. Only Ollama reads the stop rule of the Modelfile. */
const chatMetadata = (format: ChatFormat, { lineFeed }: LlamaCppVocabulary): Record<string, GgufValue> => ({
  'tokenizer.ggml.eot_token_id': count(lineFeed),
  'tokenizer.chat_template': text(jinjaTemplate(format)),
});

function tensorsOf(
  { llamaCppForm, weightShapes }: ModelLayout,
  { read }: Checkpoint<ModelConfig>,
  type: TensorType,
): GgufTensor[] {
  return llamaCppForm().tensors.map(({ name, weight, isTransposed, isExact }) => {
    const shape = weightShapes[weight]!;
    const [rows, columns] = shape as [number, number];
    return {
      name,
      shape: isTransposed ? [columns, rows] : shape,
      type: isExact ? 'f32' : type,
      read: () => (isTransposed ? transposed(read(weight), rows, columns) : read(weight)),
    };
  });
}
