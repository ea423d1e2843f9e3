import { bad, checks } from './doctor-checks.ts';
import type { Finding } from './doctor-checks.ts';
import { coloursFor } from '../screen/style.ts';

/**
 * `runner doctor`: whether everything that a run needs is there, and what to do if not. Exit code 1 if something is
 * bad.
 */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const findings: ({ name: string } & Finding)[] = [];
  const colours = coloursFor(process.stdout);
  const paint = { ok: colours.green, warn: colours.yellow, bad: colours.red };
  for (const [name, check] of Object.entries(checks)) {
    const finding = { name, ...(await look(check)) };
    findings.push(finding);
    if (json) continue;
    console.log(`${paint[finding.state](finding.state.padEnd(4))}  ${name.padEnd(11)}  ${finding.says}`);
    if (finding.todo) console.log(`${' '.repeat(19)}${colours.cyan(finding.todo)}`);
  }
  const ok = findings.every(({ state }) => state !== 'bad');
  if (json) console.log(JSON.stringify({ ok, findings }, null, 2));
  else
    console.log(
      ok ? '\nnext: ./runner run pipelines/quickstart.yaml' : '\nsee to what is bad, then run ./runner doctor again',
    );
  return ok ? 0 : 1;
}

// ---------------------------------------------------------------------------

/** A check that fails is a finding, too. */
async function look(check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return bad(`could not be looked at: ${(error as Error).message}`, null);
  }
}
