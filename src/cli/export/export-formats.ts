import { EXPORT_LAYOUTS } from '../../artifacts/tokens/export-layout.ts';

export const MODEL_FORMATS = ['gguf', 'huggingface'] as const;
export type ModelFormatName = (typeof MODEL_FORMATS)[number];

export const TRAINING_SET_FORMATS = ['messages', 'sharegpt'] as const;
export type TrainingSetFormat = (typeof TRAINING_SET_FORMATS)[number];

/** What `export --as` takes. */
export const EXPORT_FORMATS = [...MODEL_FORMATS, ...TRAINING_SET_FORMATS, ...EXPORT_LAYOUTS] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
