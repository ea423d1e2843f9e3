import type { SampleRecord } from '../../src/generation/texts.ts';
import { aboutHealth, healthTable } from '../../src/health/health-report.ts';
import { healthOf } from '../../src/health/health.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import { counted } from '../../src/numbers/counted.ts';
import type { SaidLine } from '../../src/held-out/written-lines.ts';
import { realText, sampledTexts } from './health-texts.ts';
import type { HeldOut } from './held-out.ts';
import type { Params } from './params.ts';

/**
 * A section of samples.md: what is wrong with the lines of all samples, beside held-out lines of the same people. Each
 * held-out conversation is cut as one of the samples is: after as many lines before, with as many tokens.
 */
export function healthSection(
  samples: readonly SampleRecord[],
  heldOut: HeldOut,
  params: Params,
  context: number,
): string {
  const [first] = heldOut.conversations();
  const hasHeader = first?.header !== '' && params.startAtSeparator;
  const generated = samples.flatMap((sample) => sampledTexts(sample, heldOut, hasHeader));
  const people = peopleIn(generated, heldOut.reading.speakers);
  const real = realTexts({ samples, heldOut, params, context, people, hasHeader });
  const health = healthOf(generated, real);
  const whose = people.size === 0 ? 'everybody' : `the same ${counted(people.size, 'person', 'people')}`;
  return `
## Health

All lines that the model wrote, beside held-out lines of ${whose} (${heldOut.split} split), in texts of the same shape.

${healthTable(health, 'held out')}

${aboutHealth}
`;
}

// ---------------------------------------------------------------------------

/** Enough for the rarest figure. */
const MOST_LINES = 20_000;

function peopleIn(texts: readonly SaidLine[][], speakers: readonly string[]): Set<string> {
  const known = new Set(speakers);
  return new Set(
    texts.flat().flatMap(({ who, isWritten }) => (isWritten && who !== null && known.has(who) ? [who] : [])),
  );
}

function realTexts({
  samples,
  heldOut,
  params,
  context,
  people,
  hasHeader,
}: {
  samples: readonly SampleRecord[];
  heldOut: HeldOut;
  params: Params;
  context: number;
  people: ReadonlySet<string>;
  hasHeader: boolean;
}): SaidLine[][] {
  const { tokenizer } = heldOut.reading;
  const shapes = samples.map(({ prompt }) => {
    const room = context - tokenizer.encode(prompt).length;
    return {
      prompt: {
        lines: Math.max(0, prompt.split('\n').length - 1 - (hasHeader ? 1 : 0)),
        isOpen: !/(?:^|\n)$/.test(prompt),
        isStart: params.startAtSeparator || prompt === '',
      },
      cuts: {
        most: params.overflow === 'slide' ? params.maxNewTokens : Math.min(params.maxNewTokens, room),
        stop: params.stop,
      },
    };
  });
  const texts: SaidLine[][] = [];
  let lines = 0;
  let next = 0;
  for (const conversation of heldOut.conversations()) {
    if (lines >= MOST_LINES) break;
    if (people.size > 0 && !conversation.people.some((name) => people.has(name))) continue;
    const random = randomAt(0, 1, 'heldOut', conversation.document);
    const text = realText(conversation, { ...shapes[next++ % shapes.length]!, random }, heldOut.reading);
    const own = (text ?? []).filter(({ who, isWritten }) => !isWritten || people.size === 0 || people.has(who ?? ''));
    if (own.every(({ isWritten }) => !isWritten)) continue;
    texts.push(own);
    lines += own.filter(({ isWritten }) => isWritten).length;
  }
  return texts;
}
