import { runStageHere } from '../../src/run/executor/stage-process.ts';
import { countKind } from './count-kind.ts';

// Stands in for the command line: `exec-stage SPEC`, with a single stage kind.
process.exit(await runStageHere(process.argv[3] as string, { count: countKind }));
