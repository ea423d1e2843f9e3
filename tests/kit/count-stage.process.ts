import { runStageHere } from '../../src/run/executor/stage-process.ts';
import { countKind } from './count-kind.ts';

// In place of the command line: `exec-stage SPEC`, with one kind.
process.exit(await runStageHere(process.argv[3] as string, { count: countKind }));
