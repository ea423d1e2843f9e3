import { parseScript } from './parse-script.ts';
import text from './script.txt';
import type { Script } from './script.ts';

/** The script that comes with the project, for a talk about the day, people and plans. */
export const shippedScript = (): Script => parseScript(text);
