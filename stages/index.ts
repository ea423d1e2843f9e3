import { command } from './command.ts';
import { evaluate } from './evaluate.ts';
import { ingest } from './ingest.ts';
import { sample } from './sample.ts';
import { tokenize } from './tokenize.ts';
import { train } from './train.ts';

/** The stage kinds. A new one is a file here and a name in this list. */
export const kinds = { ingest, tokenize, train, sample, evaluate, command };
