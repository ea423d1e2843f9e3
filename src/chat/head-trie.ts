/** Whose line begins with these bytes. */
export interface LineHead {
  name: string;
  /** up to the text, with the blank before it */
  bytes: Uint8Array;
  /** where the text begins; a blank before it counts as part of the text */
  textAt: number;
  /** no line may begin like this */
  isBarred: boolean;
}

/** What is known of a line from its first bytes. The longest head that it begins with says whose line it is. */
export interface Known {
  /** the longest head so far; null if the bytes are only part of one, or there are none yet */
  head: LineHead | null;
  /** where the bytes stand among the heads; null if no longer head begins like this */
  node: HeadNode | null;
}

export interface LineStart extends Known {
  bytes: readonly number[];
}

export interface HeadNode {
  next: Map<number, HeadNode>;
  head: LineHead | null;
  /** whether a longer head that is not barred begins like this */
  leadsOn: boolean;
}

/** A line of which nothing is written yet. If two heads are the same, the first one counts. */
export function emptyLine(heads: LineHead[]): LineStart {
  const root = newNode();
  for (const head of heads) {
    let node = root;
    for (const byte of head.bytes) {
      if (!head.isBarred) node.leadsOn = true;
      const next = node.next.get(byte) ?? newNode();
      node.next.set(byte, next);
      node = next;
    }
    node.head ??= head;
  }
  return { bytes: [], head: root.head, node: root };
}

/** What is known when these bytes follow; null if no head begins like this. */
export function follow({ head, node }: Known, bytes: Uint8Array): Known | null {
  for (const byte of bytes) {
    node = node?.next.get(byte) ?? null;
    head = node?.head ?? head;
    if (node === null && head === null) return null;
  }
  return { head, node };
}

/** Expects bytes that can follow. */
export const continued = (line: LineStart, bytes: Uint8Array): LineStart => ({
  ...follow(line, bytes)!,
  bytes: [...line.bytes, ...bytes],
});

/** Whether nothing that follows can make it the line of somebody else. */
export const isSettled = ({ head, node }: Known): boolean => head !== null && (node?.next.size ?? 0) === 0;

/** What of the text is in these bytes, with the blank before it. */
export const textOf = ({ bytes, head }: LineStart): Uint8Array =>
  Uint8Array.from(head === null ? [] : bytes.slice(head.textAt));

// ---------------------------------------------------------------------------

const newNode = (): HeadNode => ({ next: new Map(), head: null, leadsOn: false });
