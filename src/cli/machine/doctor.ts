import { runsDirectoryOrNull } from '../runs-directory.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import { calledAs, shippedFile } from '../../files/called-as.ts';
import { bad, checks } from './doctor-checks.ts';
import type { Finding } from './doctor-checks.ts';
import { coloursFor } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';

/**
 * `runner doctor`: checks that this machine has everything that a run needs, and suggests fixes. Exit code 1 if a check
 * is bad.
 */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const findings: ({ name: string } & Finding)[] = [];
  const colours = coloursFor(process.stdout);
  const paint = { ok: colours.green, warn: colours.yellow, bad: colours.red };
  for (const [name, check] of Object.entries(checks)) {
    const finding = { name, ...(await runCheck(check)) };
    findings.push(finding);
    if (json) continue;
    console.log(`${paint[finding.state](finding.state.padEnd(4))}  ${name.padEnd(11)}  ${finding.says}`);
    if (finding.todo) console.log(`${' '.repeat(19)}${colours.cyan(finding.todo)}`);
  }
  const ok = findings.every(({ state }) => state !== 'bad');
  if (json) console.log(jsonText({ ok, findings }, 2));
  else
    console.log(
      ok ? `\nnext: ${calledAs()} ${nextVerb()}` : `\nfix the problems above, then run ${calledAs()} doctor again`,
    );
  return ok ? 0 : 1;
}

// ---------------------------------------------------------------------------

function nextVerb(): string {
  const runsDir = runsDirectoryOrNull();
  if (runsDir === null) return 'init';
  return listPastRuns(runsDir).length > 0 ? 'ls' : `run ${shippedFile('pipelines/quickstart.yaml')}`;
}

/** A check that throws is a finding, too. */
async function runCheck(check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return bad(`the check failed: ${(error as Error).message}`, null);
  }
}
