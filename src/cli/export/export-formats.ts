import { EXPORT_LAYOUTS } from '../../artifacts/tokens/export-layout.ts';

export const TRAINING_SET_FORMATS = ['messages', 'sharegpt'] as const;
export type TrainingSetFormat = (typeof TRAINING_SET_FORMATS)[number];

/** What `export --as` takes. */
export const EXPORT_FORMATS = [...EXPORT_LAYOUTS, ...TRAINING_SET_FORMATS] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
