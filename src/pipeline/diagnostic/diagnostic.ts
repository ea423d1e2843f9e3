/** A located problem in the user's file (or in a `--set` argument, or a used file). */
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

/** The user's file is wrong: holds every diagnostic, not only the first. */
export class PipelineFileError extends Error {
  override name = 'PipelineFileError';
  readonly diagnostics: Diagnostic[];
  /** file → its text, for drawing the line in question */
  readonly texts: Map<string, string>;
  constructor(diagnostics: Diagnostic[], texts: Map<string, string>) {
    super(
      diagnostics
        .slice(0, 100)
        .map((each) => `${each.file}:${each.line}:${each.column}: ${each.message}`)
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
