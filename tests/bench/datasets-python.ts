import { benchPython } from './bench-python.ts';

export const datasetsVersion = '5.2.0';

/** A Python with Hugging Face's datasets. */
export const datasetsPython = (): string => benchPython('datasets', datasetsVersion);
