/**
 * Sorts the positions of a stream by the `order` ids that begin there, by one counting sort for each id, the last
 * first. `ids` holds the stream and then `order` - 1 times the number `vocabulary`, which sorts behind all ids and
 * marks the end. Takes 4 bytes a position for the result, and as much again while it runs.
 */
export function sortedPositions(ids: Uint32Array, vocabulary: number, order: number): Uint32Array {
  const length = ids.length - (order - 1);
  let from = Uint32Array.from({ length }, (_, i) => i);
  let to = new Uint32Array(length);
  for (let offset = order - 1; offset >= 0; offset--) {
    const next = starts(ids, vocabulary, offset, length);
    for (const position of from) to[next[ids[position + offset]!]!++] = position;
    [from, to] = [to, from];
  }
  return from;
}

/** For each id, and the mark of the end, the number of positions where `offset` ids further a lower one stands. */
function starts(ids: Uint32Array, vocabulary: number, offset: number, length: number): Uint32Array {
  const next = new Uint32Array(vocabulary + 2);
  for (let i = 0; i < length; i++) next[ids[i + offset]! + 1]!++;
  for (let id = 0; id <= vocabulary; id++) next[id + 1]! += next[id]!;
  return next;
}
