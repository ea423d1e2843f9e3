/** Formats samples and reports for display in MLflow: as a logged table and as Markdown. */
import { existsSync, readFileSync } from 'node:fs';
import { fenced } from '../../pages/markdown.ts';

/** The file of an artifact that has one sample per line, with `prompt` and `text`. */
export const SAMPLES_FILE = 'samples.jsonl';
/** The file of an artifact that has named figures. */
export const REPORT_FILE = 'report.json';

export interface SampleRow {
  step: number;
  prompt: string;
  text: string;
}

/**
 * A logged table. MLflow joins the tables of several runs on their first column and shows one row per value, so samples
 * of the same step are numbered: `400 #1`, `400 #2`.
 */
export function samplesTable(rows: SampleRow[]): string {
  const seen = new Map<number, number>();
  const data = rows.map(({ step, text, prompt }) => {
    const alone = rows.filter((row) => row.step === step).length === 1;
    const number = (seen.get(step) ?? 0) + 1;
    seen.set(step, number);
    return [alone ? String(step) : `${step} #${number}`, text, prompt];
  });
  return JSON.stringify({ columns: ['step', 'text', 'prompt'], data });
}

/** The valid samples in a samples file; none if the file is missing. */
export function sampleLines(path: string): { prompt: string; text: string }[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const sample = sampleOrNull(line);
      return sample ? [sample] : [];
    });
}

export function samplesText(samples: { prompt: string; text: string }[]): string {
  const sections = samples.map(
    ({ prompt, text }, i) => `## Sample ${i + 1}\n\nPrompt:\n\n${fenced(prompt)}\n\nText:\n\n${fenced(text)}\n`,
  );
  return `# Samples\n\nAll of them, none picked.\n\n${sections.join('\n')}`;
}

/** A JSON report as a Markdown table; nested objects become sections. */
export function reportText(json: string): string {
  const report = JSON.parse(json) as Record<string, unknown>;
  return `# Report\n\n${markdownTable(report)}${Object.entries(report)
    .filter(([, value]) => isRecord(value))
    .map(([name, value]) => `\n## ${name}\n\n${markdownTable(value as Record<string, unknown>)}`)
    .join('')}`;
}

// ---------------------------------------------------------------------------------------------------------------------

function sampleOrNull(line: string): { prompt: string; text: string } | null {
  try {
    const { prompt, text } = JSON.parse(line) as { prompt?: unknown; text?: unknown };
    return typeof prompt === 'string' && typeof text === 'string' ? { prompt, text } : null;
  } catch {
    return null;
  }
}

function markdownTable(record: Record<string, unknown>): string {
  const rows = Object.entries(record).filter(([, value]) => !isRecord(value));
  return `| measure | value |\n|---|---|\n${rows.map(([name, value]) => `| ${name} | ${String(value)} |\n`).join('')}`;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
