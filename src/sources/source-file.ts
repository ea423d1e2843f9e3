/** What a person sees of a file that is read. */
export interface SourceFile {
  path: string;
  /**
   * relative to the source, with `/`; '' if the source is this one file. The file's own name is no part of what is
   * read.
   */
  place: string;
  bytes: number;
}
