import type { StageEvent } from '../../src/pipeline/events.ts';

/** Longer lines are passed on, but not parsed. */
const LONGEST_LINE = 1 << 16;
const SHOWN_EVERY_MS = 200;

/**
 * Reads a program's output. All of it goes to `pass`; lines of two forms also become events:
 *
 *     progress 3/10 files        done, total, and optionally the unit, one word
 *     metric eval/loss 300 2.71  name, step (a whole number), value
 */
export function lineReader(
  emit: (event: StageEvent) => void,
  pass: (text: string) => void,
): { data(chunk: string): void; end(): void } {
  let rest = '';
  let shown = -Infinity; // so that the first line is shown even in a process younger than SHOWN_EVERY_MS
  const line = (text: string): void => {
    const event = eventOf(text);
    if (event?.kind === 'metric') emit(event);
    if (event?.kind !== 'progress') return;
    const now = performance.now();
    if (now - shown < SHOWN_EVERY_MS && event.done < event.total) return;
    shown = now;
    emit(event);
  };
  return {
    data(chunk) {
      pass(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      if (rest.length > LONGEST_LINE) rest = rest.slice(-1); // one character, so the end of this line cannot match
      for (const text of lines) line(text);
    },
    end() {
      if (rest) line(rest);
      rest = '';
    },
  };
}

/** Accepts only names, numbers and one word, so no text of a conversation gets into an event. */
export function eventOf(line: string): Extract<StageEvent, { kind: 'progress' | 'metric' }> | null {
  const [, done, total, unit = ''] =
    /^progress (\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)(?: ([A-Za-z]{1,20}))?\s*$/.exec(line) ?? [];
  if (done !== undefined && total !== undefined)
    return { kind: 'progress', done: Number(done), total: Number(total), unit };
  const [, name, step, value] = /^metric ([A-Za-z0-9_./-]{1,200}) (\d{1,15}) (\S{1,40})\s*$/.exec(line) ?? [];
  return name !== undefined && isNumber(value!)
    ? { kind: 'metric', name, step: Number(step), value: numberOf(value!) }
    : null;
}

const SPELLINGS: Record<string, number> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};

const isNumber = (text: string): boolean =>
  text.toLowerCase() in SPELLINGS || /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
const numberOf = (text: string): number => SPELLINGS[text.toLowerCase()] ?? Number(text);
