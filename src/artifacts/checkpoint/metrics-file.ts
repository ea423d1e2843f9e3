import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export interface MetricLine {
  step: number;
  name: string;
  value: number;
}

/** `metrics.jsonl`: one `{step, name, value}` a line, in the order in which they came to be. */
export interface MetricsFile {
  append(lines: MetricLine[]): void;
  /** Forces all lines to the disk and says how long the file is. */
  sync(): number;
  close(): void;
}

/**
 * Opens the file at `keepBytes` and forgets what stands after it: the part that a killed attempt wrote after its last
 * checkpoint.
 */
export function openMetricsFile(path: string, keepBytes: number): MetricsFile {
  const fd = openSync(path, keepBytes === 0 ? 'w' : 'r+');
  let bytes = fstatSync(fd).size;
  if (bytes < keepBytes) {
    closeSync(fd);
    throw new Error(`${path} has ${bytes} bytes, the checkpoint beside it was made at ${keepBytes}`);
  }
  ftruncateSync(fd, keepBytes);
  bytes = keepBytes;
  return {
    append(lines) {
      const text = Buffer.from(
        lines.map((line) => `${JSON.stringify({ step: line.step, name: line.name, value: line.value })}\n`).join(''),
      );
      for (let done = 0; done < text.length;) done += writeSync(fd, text, done, text.length - done, bytes + done);
      bytes += text.length;
    },
    sync() {
      fsyncSync(fd);
      return bytes;
    },
    close: () => closeSync(fd),
  };
}
