import type { TestContext } from 'node:test';

/** Sets environment variables, or unsets those that are undefined, and restores them after the test. */
export function setEnvironment(context: TestContext, values: Record<string, string | undefined>): void {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const set = (all: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(values);
  context.after(() => set(before));
}
