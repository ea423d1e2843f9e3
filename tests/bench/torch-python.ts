import { benchPython } from './bench-python.ts';

export const torchVersion = '2.13.0';

export const torchPython = (): string => benchPython('torch', torchVersion);
