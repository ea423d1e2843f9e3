import type { Listener } from '../pipeline/events.ts';

/** One stream of events to several listeners. One that fails is reported once and dropped: it may lose a chart, never a run. */
export function tellAll(listeners: Record<string, Listener>, warn: (text: string) => void): Listener {
  const living = new Map(Object.entries(listeners));
  return (event) => {
    for (const [name, listen] of living) {
      try {
        listen(event);
      } catch (error) {
        living.delete(name);
        warn(`${name} stopped listening: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
}
