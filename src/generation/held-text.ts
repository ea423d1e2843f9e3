/** Holds back what may become a stop string, so that nothing of one is ever sent. */
export interface HeldText {
  /** What can be sent now. */
  add(text: string): string;
  /** whether a stop string has come; nothing after it counts */
  stopped(): boolean;
  /** the rest, if none came */
  rest(): string;
}

export function heldText(stop: string[]): HeldText {
  let held = '';
  let stopped = false;
  return {
    stopped: () => stopped,
    add(text) {
      if (stopped) return '';
      held += text;
      const found = stop.map((string) => held.indexOf(string)).filter((index) => index >= 0);
      stopped = found.length > 0;
      const end = stopped ? Math.min(...found) : held.length - longestBeginning(held, stop);
      const settled = held.slice(0, end);
      held = held.slice(end);
      return settled;
    },
    rest: () => (stopped ? '' : held),
  };
}

// ---------------------------------------------------------------------------

/** How many characters at the end may be the beginning of a stop string. */
function longestBeginning(text: string, stop: string[]): number {
  return Math.max(
    0,
    ...stop.map((string) => {
      for (let length = Math.min(string.length - 1, text.length); length > 0; length--)
        if (text.endsWith(string.slice(0, length))) return length;
      return 0;
    }),
  );
}
