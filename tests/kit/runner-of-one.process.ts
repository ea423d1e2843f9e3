import { writeFileSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { countStage, execute, openSession } from './execute.ts';

// A runner that tests can kill. argv: store, witness file, how far to count, ms per step.
// It writes its results beside the witness file.
const [storeDir, witness, to, ms] = process.argv.slice(2) as [string, string, string, string];
const kit = openSession(openStore(storeDir));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => kit.stop.abort());
const results = await execute(kit, [countStage('long', { to: Number(to), ms: Number(ms), witness })]).results;
writeFileSync(`${witness}.results`, JSON.stringify(results));
