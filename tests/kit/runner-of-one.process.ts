import { writeFileSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { countStage, execute, openSession } from './execute.ts';

// A runner that can be killed: argv holds the store, the witness file, how far to count and how fast; it writes its results beside the witness.
const [storeDir, witness, to, ms] = process.argv.slice(2) as [string, string, string, string];
const kit = openSession(openStore(storeDir));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => kit.stop.abort());
const results = await execute(kit, [countStage('long', { to: Number(to), ms: Number(ms), witness })]).results;
writeFileSync(`${witness}.results`, JSON.stringify(results));
