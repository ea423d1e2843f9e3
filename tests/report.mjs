// Prints the results of a test run: one line for each file, then the failing tests in full, then the totals.
import { relative } from 'node:path';
import { inspect } from 'node:util';

const started = performance.now();
const failures = [];
const skipped = [];
const output = new Map();
let passed = 0;
let current = null;

/** Handles an event of Node's test runner, which reports one file after another. */
export function report({ type, data }) {
  if (type === 'test:stdout' || type === 'test:stderr') {
    output.set(data.file, (output.get(data.file) ?? '') + data.message);
  } else if (type === 'test:pass' || type === 'test:fail') {
    if (data.nesting === 0) countTowardsFile(data);
    if (type === 'test:fail') failures.push(data);
    else if (data.skip !== undefined) skipped.push(data);
    else passed++;
  }
}

/** Prints the failures and the totals. Returns the exit code. */
export function summarize(files) {
  closeFile();
  for (const failure of failures) {
    console.log(`\n✖ ${failure.name}\n  ${sourceOf(failure.file)}:${failure.line ?? ''}`);
    const { error } = failure.details;
    console.log(indented(inspect(error.cause ?? error, { colors: process.stdout.isTTY })));
  }
  for (const file of new Set(failures.map((failure) => failure.file)))
    if (output.has(file)) console.log(`\nprinted by ${sourceOf(file)}:\n${indented(output.get(file))}`);
  for (const { name, skip } of skipped) console.log(`skipped: ${name} (${skip})`);
  const counts = [`${passed} passed`, `${failures.length} failed`, `${skipped.length} skipped`];
  console.log(`\n${files} files: ${counts.join(', ')} in ${seconds(performance.now() - started)}`);
  return failures.length > 0 ? 1 : 0;
}

function countTowardsFile({ file, details }) {
  if (current?.file !== file) {
    closeFile();
    current = { file, tests: 0, ms: 0 };
  }
  current.tests++;
  current.ms += details.duration_ms;
}

function closeFile() {
  if (current) console.log(`${seconds(current.ms).padStart(8)}  ${sourceOf(current.file)} (${current.tests})`);
  current = null;
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

const indented = (text) => text.replace(/^/gm, '  ').trimEnd();

function sourceOf(file) {
  return relative('.', file ?? '?')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');
}
