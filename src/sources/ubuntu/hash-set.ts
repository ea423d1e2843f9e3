/** A set of 64-bit hashes, 16 to 32 bytes each. A JavaScript Set takes three times that and holds only 16 million. */
export interface HashSet {
  /** Returns false if the hash was already in the set. */
  add(high: number, low: number): boolean;
  readonly size: number;
}

export function newHashSet(): HashSet {
  let slots = 1 << 12;
  let table = new Uint32Array(slots * 2);
  let size = 0;
  /** Open addressing. Two zeros mark an empty slot, so `add` maps the hash of two zeros to another one. */
  const put = (high: number, low: number): boolean => {
    for (let index = low & (slots - 1); ; index = (index + 1) & (slots - 1)) {
      if (table[2 * index] === high && table[2 * index + 1] === low) return false;
      if (table[2 * index] === 0 && table[2 * index + 1] === 0) {
        table[2 * index] = high;
        table[2 * index + 1] = low;
        return true;
      }
    }
  };
  const grow = (): void => {
    const old = table;
    slots *= 2;
    table = new Uint32Array(slots * 2);
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0 || old[i + 1] !== 0) put(old[i]!, old[i + 1]!);
  };
  return {
    add(high, low) {
      if (!put(high >>> 0 || 1, low >>> 0)) return false;
      if (++size * 2 > slots) grow();
      return true;
    },
    get size() {
      return size;
    },
  };
}
