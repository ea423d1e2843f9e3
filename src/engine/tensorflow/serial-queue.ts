/** Runs tasks one after another, in the order they were added. */
export interface SerialQueue {
  add<T>(task: () => Promise<T> | T): Promise<T>;
  /** true while no task is running or waiting */
  readonly idle: boolean;
}

export function openSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  let pending = 0;
  return {
    add(task) {
      pending += 1;
      const result = last.then(task);
      last = result.then(
        () => (pending -= 1),
        () => (pending -= 1),
      );
      return result;
    },
    get idle() {
      return pending === 0;
    },
  };
}
