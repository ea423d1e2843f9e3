import { benchPython } from './bench-python.ts';

export const tiktokenVersion = '0.14.0';

export const tiktokenPython = (): string => benchPython('tiktoken', tiktokenVersion);
