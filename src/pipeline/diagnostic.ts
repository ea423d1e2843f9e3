/** A located problem in the user's file (or in a `--set` argument, or a used file). */
export interface Diagnostic {
  /** path as the user gave it, or `--set` */
  file: string;
  /** 1-based */
  line: number;
  /** 1-based */
  column: number;
  /** how many characters the caret underlines */
  length: number;
  message: string;
  hint?: string;
}

/** The user's file is wrong: holds every diagnostic, not only the first. */
export class PipelineFileError extends Error {
  override name = 'PipelineFileError';
  readonly diagnostics: Diagnostic[];
  /** file → its text, for drawing the line in question */
  readonly texts: Map<string, string>;
  constructor(diagnostics: Diagnostic[], texts: Map<string, string>) {
    super(diagnostics.map((each) => `${each.file}:${each.line}:${each.column}: ${each.message}`).join('\n'));
    this.diagnostics = diagnostics;
    this.texts = texts;
  }
}

export interface Style {
  red(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  cyan(text: string): string;
}

/** Draws diagnostics as compilers do: place, message, the line with a caret, a hint. At most `limit` in full. */
export function renderDiagnostics(error: PipelineFileError, style: Style, limit = 20): string {
  const shown = error.diagnostics.slice(0, limit).map((each) => renderOne(each, error.texts.get(each.file), style));
  const rest = error.diagnostics.length - shown.length;
  if (rest > 0) shown.push(`… and ${rest} more`);
  return shown.join('\n\n');
}

function renderOne(diagnostic: Diagnostic, text: string | undefined, style: Style): string {
  const { file, line, column, length, message, hint } = diagnostic;
  const out = [`${style.bold(`${file}:${line}:${column}`)} ${style.red('error')} ${message}`];
  const source = text?.split(/\r?\n/)[line - 1];
  if (source !== undefined) {
    const gutter = String(line);
    const visible = source.slice(0, 160).replaceAll('\t', ' ');
    const caret = '^'.repeat(Math.max(1, Math.min(length, visible.length - column + 1)));
    out.push(style.dim(` ${gutter} | `) + visible);
    out.push(style.dim(` ${' '.repeat(gutter.length)} | `) + ' '.repeat(column - 1) + style.red(caret));
  }
  if (hint) out.push(style.cyan(`   hint: ${hint}`));
  return out.join('\n');
}
