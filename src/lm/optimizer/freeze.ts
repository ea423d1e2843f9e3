/**
 * The weights that match patterns such as `h.0.*`; `*` stands for any characters, including dots. `unmatched` are the
 * patterns that match none.
 */
export function frozenWeights(names: string[], patterns: string[]): { frozen: string[]; unmatched: string[] } {
  const tests = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`));
  return {
    frozen: names.filter((name) => tests.some((test) => test.test(name))),
    unmatched: patterns.filter((_, index) => !names.some((name) => tests[index]!.test(name))),
  };
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
