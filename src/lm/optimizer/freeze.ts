/**
 * Which weights patterns like `h.0.*` name: `*` stands for any letters, dots too. `unmatched` are the patterns that
 * name none.
 */
export function frozenWeights(names: string[], patterns: string[]): { frozen: string[]; unmatched: string[] } {
  const tests = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`));
  return {
    frozen: names.filter((name) => tests.some((test) => test.test(name))),
    unmatched: patterns.filter((_, place) => !names.some((name) => tests[place]!.test(name))),
  };
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
