import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export interface MetricLine {
  step: number;
  name: string;
  value: number;
}

/** `metrics.jsonl`: one `{step, name, value}` per line, in the order in which they were measured. */
export interface MetricsFile {
  append(lines: MetricLine[]): void;
  /** Flushes all lines to disk and returns the length of the file. */
  sync(): number;
  close(): void;
}

/** Opens the file and truncates it to `keepBytes`: a killed attempt wrote the rest after its last checkpoint. */
export function openMetricsFile(path: string, keepBytes: number): MetricsFile {
  const fd = openSync(path, keepBytes === 0 ? 'w' : 'r+');
  let bytes = fstatSync(fd).size;
  if (bytes < keepBytes) {
    closeSync(fd);
    throw new Error(`${path} has ${bytes} bytes, but had ${keepBytes} when its checkpoint was saved`);
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
