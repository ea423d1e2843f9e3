/** What ELIZA plays by. All words are in upper case. */
export interface Script {
  /** what ELIZA says first */
  hello: string;
  /** keyword → its rule */
  rules: ReadonlyMap<string, Rule>;
  /** tag → the words that have it */
  tagged: ReadonlyMap<string, ReadonlySet<string>>;
  memory: Memory | null;
  /** answers when no keyword was met */
  none: Rule;
}

export interface Rule {
  /** takes the keyword's place in the input; null if the keyword stays */
  replacement: string | null;
  /** keywords of higher rank answer first; 0 unless the script says otherwise */
  rank: number;
  transformations: Transformation[];
  /** the keyword whose rule goes on when no transformation matches */
  link: string | null;
}

/** The first transformation whose pattern matches gives the answer, each time with its next reassembly. */
export interface Transformation {
  pattern: Pattern;
  reassemblies: Reassembly[];
}

/** What one element stands for is a part of the input; reassemblies number the parts from 1. */
export type Pattern = Element[];

/** A number n > 0 stands for exactly n words, 0 for any number of words; a set for one word that is in it. */
export type Element = number | string | { anyOf: string[] } | { tagged: string[] };

/** Words, and the numbers of the parts to insert. */
export type Template = (string | number)[];

export type Reassembly =
  | { kind: 'say'; template: Template }
  | { kind: 'link'; keyword: string }
  /** rewrites the input, then goes on with a keyword's rule */
  | { kind: 'rewrite'; template: Template; keyword: string }
  /** gives up on this keyword and takes the next one */
  | { kind: 'next keyword' };

export interface Memory {
  keyword: string;
  /** four; a hash of the input chooses one */
  forms: { pattern: Pattern; template: Template }[];
}
