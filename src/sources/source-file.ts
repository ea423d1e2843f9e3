/** An input file, as shown to the user. */
export interface SourceFile {
  path: string;
  /**
   * path relative to the source, with `/`; '' if the source is this one file, because the name of a single file must
   * not affect the result
   */
  place: string;
  bytes: number;
}
