import { textWidth } from './text-width.ts';
import type { Diagnostic, PipelineFileError, Style } from './diagnostic.ts';
import { withCommas } from '../../numbers/counted.ts';

/**
 * Formats diagnostics like a compiler: location, message, the line with a caret, a hint. Shows at most `limit` of them,
 * in lines of at most `columns` cells.
 */
export function renderDiagnostics(error: PipelineFileError, style: Style, { limit = 20, columns = 160 } = {}): string {
  const lines = new Map<string, string[]>();
  const lineOf = ({ file, line }: Diagnostic): string | undefined => {
    if (!lines.has(file)) lines.set(file, error.texts.get(file)?.split(/\r?\n/) ?? []);
    return lines.get(file)?.[line - 1];
  };
  const shown = error.diagnostics
    .slice(0, limit)
    .map((diagnostic) => renderOne(diagnostic, lineOf(diagnostic), style, columns));
  const rest = error.diagnostics.length - shown.length;
  if (rest > 0) shown.push(`… and ${withCommas(rest)} more`);
  return shown.join('\n\n');
}

// ---------------------------------------------------------------------------

function renderOne(diagnostic: Diagnostic, source: string | undefined, style: Style, columns: number): string {
  const { file, line, column, length, message, hint } = diagnostic;
  // an argument has no line numbers
  const isArgument = file.startsWith('--');
  const out = [
    `${style.bold(isArgument ? file.slice(0, file.indexOf(' ')) : `${file}:${line}:${column}`)} ${style.red('error')} ${message}`,
  ];
  if (source !== undefined) {
    const gutter = isArgument ? '' : String(line);
    const part = partOf(source, { column, length }, Math.max(20, columns - gutter.length - 4));
    out.push(style.dim(` ${gutter} | `) + part.text);
    out.push(
      style.dim(` ${' '.repeat(gutter.length)} | `) +
        ' '.repeat(textWidth(part.before)) +
        style.red('^'.repeat(Math.max(1, textWidth(part.marked)))),
    );
  }
  if (hint) out.push(style.cyan(`   hint: ${hint}`));
  return out.join('\n');
}

/**
 * As much of a line as fits, around the marked part. Control characters could confuse the terminal, so each is replaced
 * by a dot, and a tab by one space.
 */
function partOf(
  source: string,
  { column, length }: { column: number; length: number },
  width: number,
): { text: string; before: string; marked: string } {
  const safe = source.replaceAll('\t', ' ').replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');
  const start = Math.min(column - 1, safe.length);
  const end = Math.min(start + length, safe.length);
  if (textWidth(safe) <= width) return { text: safe, before: safe.slice(0, start), marked: safe.slice(start, end) };
  // use a third of the width for the text before the mark, or more if the line ends soon after it
  let from = start < width - 10 ? 0 : Math.max(0, Math.min(start - Math.floor(width / 3), safe.length - width + 1));
  while (from < start && textWidth(safe.slice(from, Math.min(end, start + 8))) > width - 2) from++;
  const head = from > 0 ? '…' : '';
  let to = Math.min(safe.length, from + width);
  const textTo = (end: number): string => `${head}${safe.slice(from, end)}${end < safe.length ? '…' : ''}`;
  while (to > start + 1 && textWidth(textTo(to)) > width) to--;
  const text = textTo(to);
  return { text, before: head + safe.slice(from, start), marked: safe.slice(start, Math.min(end, to)) };
}
