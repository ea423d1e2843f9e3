/** A problem and its location in the user's file, in a `--set` argument or in a used file. */
export interface Diagnostic {
  /** path as the user gave it, or `--set …` */
  file: string;
  /** 1-based */
  line: number;
  /** 1-based, in UTF-16 units, as editors count */
  column: number;
  /** how many characters the caret underlines */
  length: number;
  message: string;
  hint?: string;
}

/** The user's file has errors. Holds every diagnostic, not only the first. */
export class PipelineFileError extends Error {
  override name = 'PipelineFileError';
  readonly diagnostics: Diagnostic[];
  /** file → its text, to show the lines with errors */
  readonly texts: Map<string, string>;
  constructor(diagnostics: Diagnostic[], texts: Map<string, string>) {
    super(
      diagnostics
        .slice(0, 100)
        .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
        .join('\n'),
    );
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
