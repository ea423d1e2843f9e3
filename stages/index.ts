import type { Kinds } from '../src/pipeline/stage-kind.ts';
import { contract as command } from './command/contract.ts';
import { contract as evaluate } from './evaluate/contract.ts';
import { contract as ingest } from './ingest/contract.ts';
import { contract as sample } from './sample/contract.ts';
import { contract as shards } from './shards/contract.ts';
import { contract as tokenize } from './tokenize/contract.ts';
import { contract as train } from './train/contract.ts';
import { contract as turing } from './turing/contract.ts';
import { contract as verdict } from './verdict/contract.ts';

/** The stage kinds, in the order of the data. To add one, write its files and add it to this list. */
export const kinds: Kinds = { ingest, tokenize, shards, train, sample, evaluate, turing, verdict, command };
