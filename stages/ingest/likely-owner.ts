import type { ShapeCounts } from './shape-conversations.ts';

/**
 * The person whose chats these probably are. Exporters call the owner "Me" or "You", so an alias of such a word names
 * the owner. Otherwise it is whoever writes in the most threads, provided these are at least two and more than half of
 * all, and that nobody else writes in nearly as many: in the chats of two people, either may be the owner.
 */
export function likelyOwner(
  { threadsOf, threads, aliased }: ShapeCounts,
  aliases: Record<string, string>,
): string | null {
  const selves = new Set(
    Object.entries(aliases).flatMap(([name, self]) =>
      SELF.has(name.toLowerCase()) && aliased.has(name) ? [self] : [],
    ),
  );
  if (selves.size === 1) return [...selves][0]!;
  const [first, second] = [...threadsOf].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < 2 || first[1] <= threads / 2) return null;
  const isClear = second === undefined || second[1] <= first[1] * NEARLY;
  return isClear || SELF.has(first[0].toLowerCase()) ? first[0] : null;
}

const NEARLY = 0.75;

/** What exporters call the owner, in several languages. */
const SELF = new Set(
  'me myself you self ich du moi vous yo tú io tu eu você ik jij jag ja ty я вы 我 自己 私 自分 나'.split(' '),
);
