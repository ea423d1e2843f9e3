import { TOKEN_CLASSES, classOfLabel, speakerOfLabel } from '../../tokenizer/token-labels.ts';

export interface MeanLoss {
  /** nats per token */
  loss: number;
  tokens: number;
}

export interface LossTally {
  /** One label and one loss for each token. */
  add(labels: ArrayLike<number>, losses: ArrayLike<number>): void;
  /**
   * Means by class, and by the speaker of a token's line, most tokens first. Classes and speakers without tokens are
   * left out.
   */
  means(speakers: string[]): { classes: Record<string, MeanLoss>; speakers: (MeanLoss & { name: string })[] };
}

/** A tally that adds up losses in double precision, in the order of the tokens. */
export function newLossTally(): LossTally {
  const byClass = new Map<string, { nats: number; tokens: number }>();
  const bySpeaker = new Map<number, { nats: number; tokens: number }>();
  return {
    add(labels, losses) {
      for (let i = 0; i < labels.length; i++) {
        count(byClass, classOfLabel(labels[i]!), losses[i]!);
        const speaker = speakerOfLabel(labels[i]!);
        if (speaker > 0) count(bySpeaker, speaker, losses[i]!);
      }
    },
    means(speakers) {
      const classes = Object.fromEntries(
        TOKEN_CLASSES.flatMap((name) => (byClass.has(name) ? [[name, meanOf(byClass.get(name)!)]] : [])),
      );
      const named = [...bySpeaker].map(([number, sum]) => ({ name: speakers[number - 1] ?? '', ...meanOf(sum) }));
      return { classes, speakers: named.sort((a, b) => b.tokens - a.tokens || (a.name < b.name ? -1 : 1)) };
    },
  };
}

function count<K>(sums: Map<K, { nats: number; tokens: number }>, key: K, loss: number): void {
  const sum = sums.get(key) ?? { nats: 0, tokens: 0 };
  sums.set(key, sum);
  sum.nats += loss;
  sum.tokens++;
}

/** Nine digits are the precision of float32 losses. */
const meanOf = ({ nats, tokens }: { nats: number; tokens: number }): MeanLoss => ({
  loss: Number((nats / tokens).toPrecision(9)),
  tokens,
});
