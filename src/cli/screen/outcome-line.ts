import { existsSync, readFileSync } from 'node:fs';
import type { StageResult } from '../../pipeline/events.ts';
import { ATTEMPT_LINE } from '../../store/spec.ts';
import { seconds } from './durations.ts';
import type { Colours } from './style.ts';
import { withCommas } from '../../numbers/counted.ts';

/** Only the end of a longer log is shown. */
const LOG_LINES = 60;

/** `✓ model resumed at step 60 1:02`; below a failure its reason and the output of its process. */
export function outcomeLine(
  { name, outcome, seconds: took, resumedAt, pausedAt, stoppedAt, attempts, originalSeconds, error, log }: StageResult,
  label: string,
  colours: Colours,
): string {
  const mark = {
    cached: colours.green('✓'),
    ran: colours.green('✓'),
    resumed: colours.green('✓'),
    failed: colours.red('✗'),
    stopped: colours.yellow('■'),
    paused: colours.cyan('‖'),
    skipped: colours.dim('-'),
  }[outcome];
  const word =
    outcome === 'resumed'
      ? `resumed at step ${resumedAt}`
      : outcome === 'paused'
        ? `paused at step ${pausedAt}`
        : outcome === 'stopped' && stoppedAt !== undefined
          ? `stopped at step ${stoppedAt}`
          : outcome === 'stopped' && took === 0
            ? 'not started'
            : outcome;
  const time =
    took > 0
      ? seconds(took)
      : outcome === 'cached' && originalSeconds !== undefined
        ? `saved ${seconds(originalSeconds)}`
        : '';
  const tries = attempts ? ` in ${attempts} attempts` : '';
  const line =
    `  ${mark} ${label || name}  ${time !== '' && word.length > 8 ? `${word},` : word.padEnd(8)} ${colours.dim(`${time}${tries}`)}`.trimEnd();
  return [
    line,
    ...indented(error?.split('\n') ?? []),
    ...(log ? logLines(log).map((text) => colours.dim(text)) : []),
  ].join('\n');
}

// ---------------------------------------------------------------------------

const indented = (lines: string[]): string[] => lines.map((line) => `      ${line}`);

/** The output of the last attempt. */
function logLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const lines = text
    .slice(text.lastIndexOf(ATTEMPT_LINE))
    .trimEnd()
    .split('\n')
    .slice(text.includes(ATTEMPT_LINE) ? 1 : 0);
  if (lines.length <= LOG_LINES) return lines.map((line) => `      │ ${line}`);
  return [
    `      │ … ${withCommas(lines.length - LOG_LINES)} earlier lines`,
    ...lines.slice(-LOG_LINES).map((line) => `      │ ${line}`),
  ];
}
