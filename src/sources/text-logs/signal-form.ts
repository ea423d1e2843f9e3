/** Who wrote a log of Signal; `log`: another program, with lines that begin like those of a phone. */
export type SignalForm = 'signal-export' | 'sigtop' | 'sigtop-short' | 'log';

export function signalForm(start: string): SignalForm {
  const lines = start.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (lines[0]?.startsWith('Conversation: ') && lines.some((line) => /^Type: [\w-]+$/.test(line))) return 'sigtop';
  if (SHORT.test(lines[0] ?? '')) return 'sigtop-short';
  return EXPORT.test(lines[0] ?? '') ? 'signal-export' : 'log';
}

const SHORT = /^\d{4}-\d\d-\d\d \d\d:\d\d (?![-–] )[^\t]{1,100}?:(?: |$)/;
const EXPORT = /^\[\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?|, \d\d:\d\d:\d\d)\] [^\n]{1,100}?:/;
