import type { StageEvent } from '../../src/pipeline/events.ts';

/** A longer line is passed on in pieces, and is nothing that is understood. */
const LONGEST_LINE = 1 << 16;
const SHOWN_EVERY_MS = 200;

/**
 * What a program prints, line by line: all of it goes to `pass`; two sorts of line are understood besides:
 *
 *     progress 3/10 files        done, total, and if wanted one word for what is counted
 *     metric eval/loss 300 2.71  name, step (a whole number), value
 */
export function listenToLines(
  emit: (event: StageEvent) => void,
  pass: (text: string) => void,
): { data(chunk: string): void; end(): void } {
  let rest = '';
  let shown = -Infinity; // a process may be younger than the wait
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
      if (rest.length > LONGEST_LINE) rest = rest.slice(-1); // no line of ours begins so
      for (const text of lines) line(text);
    },
    end() {
      if (rest) line(rest);
      rest = '';
    },
  };
}

/** Names, numbers and one word only: nothing that a program prints of a conversation becomes an event. */
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
