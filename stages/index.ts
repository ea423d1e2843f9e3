import { contract as command } from './command/contract.ts';
import { contract as evaluate } from './evaluate/contract.ts';
import { contract as ingest } from './ingest/contract.ts';
import { contract as sample } from './sample/contract.ts';
import { contract as shards } from './shards/contract.ts';
import { contract as tokenize } from './tokenize/contract.ts';
import { contract as train } from './train/contract.ts';

/** The stage kinds. A new one is a file here, its contract in the folder of its name, and a name in this list. */
export const kinds = { ingest, tokenize, shards, train, sample, evaluate, command };
