import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, normal, randomAt, uniform } from '../../src/lm/random/random.ts';
import type { Random } from '../../src/lm/random/random.ts';

const FILES = 40;
const LINES_PER_FILE = 5000;
const NICKS = 15_000;

/**
 * Writes invented chat logs, for machines without the real ones; always the same bytes. The lengths of lines and words,
 * the word frequencies, and the shares of replies to a nick, links, numbers and quotes are those of 154 days of
 * #ubuntu.
 */
export function writeInventedLogs(dir: string): void {
  for (let file = 0; file < FILES; file++) {
    const random = randomAt(2004, file, 'mix');
    const lines = Array.from({ length: LINES_PER_FILE }, (_, line) => logLine(random, line));
    const day = new Date(Date.UTC(2004, 9, 20 + file)).toISOString().slice(0, 10);
    writeFileSync(join(dir, `${day}.made.raw.txt`), `${lines.join('\n')}\n`);
  }
}

function logLine(random: Random, line: number): string {
  const minute = Math.floor((line * 1440) / LINES_PER_FILE);
  const clock = [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
  // A few nicks write most messages, so a day has a few hundred speakers.
  const nick = () => nickName(Math.floor(NICKS * uniform(random) ** 4));
  if (uniform(random) < 0.11) return `=== ${nick()} [~x@192.0.2.${below(random, 256)}]  has joined #ubuntu`;
  return `[${clock}] <${nick()}> ${uniform(random) < 0.45 ? `${nick()}: ` : ''}${message(random)}`;
}

function message(random: Random): string {
  const count = Math.min(80, Math.max(1, Math.round(6.6 * Math.exp(0.85 * normal(random)))));
  const words = Array.from({ length: count }, () => word(random));
  if (uniform(random) < 0.26) words[0] = words[0]![0]!.toUpperCase() + words[0]!.slice(1);
  if (uniform(random) < 0.035) words.push(`http://${word(random)}.example/${word(random)}/${below(random, 10_000)}`);
  if (uniform(random) < 0.037) words[below(random, count)] = `"${word(random)}"`;
  if (uniform(random) < 0.0025) words.push(['café', 'ça', '“so”', 'größer', 'да'][below(random, 5)]!);
  return words.join(' ') + ['', '', '', '.', '?', '...', ' :)', '!'][below(random, 8)]!;
}

/** A word, sometimes followed by punctuation, or sometimes a number instead. */
function word(random: Random): string {
  if (uniform(random) < 0.017) return `${below(random, 10)}.${below(random, 30)}`;
  return wordOfRank(drawRank(random)) + (uniform(random) < 0.06 ? [',', '.', ',', '...'][below(random, 4)]! : '');
}

/**
 * The share of all words that the 10, 100, … most frequent words make up, without punctuation. Within each interval, a
 * rank is drawn log-uniformly.
 */
const COVERAGE: [rank: number, share: number][] = [
  [1, 0],
  [10, 0.2],
  [100, 0.5],
  [1000, 0.78],
  [10_000, 0.93],
  [140_000, 1],
];

function drawRank(random: Random): number {
  const quantile = uniform(random);
  const above = COVERAGE.findIndex(([, share]) => quantile < share);
  const [[low, from], [high, to]] = [COVERAGE[above - 1]!, COVERAGE[above]!];
  return Math.floor(low * (high / low) ** ((quantile - from) / (to - from)));
}

const COMMON =
  "the to a I it is i you and in that for of on my have can with but not do be this if how what just get me are so install or was like know ubuntu there need use when no from at work as up one your then want will it's don't try all an out should does any using I'm has they by now file think good about some yes error run we would more did package which ok see time thanks help other only root then linux sudo problem apt-get why set find make way system works windows anyone".split(
    ' ',
  );
const STARTS = 'b c d f g h j k l m n p r s t v w st tr pl gr sh ch cr fl'.split(' ');
const VOWELS = 'a e i o u ea ou ee ai'.split(' ');
const ENDS = ['', '', 'n', 'r', 't', 's', 'l', 'd', 'ng', 'ck', 'st', 'm', 'p', 'x'];

/** Frequent words are English; rarer ones consist of syllables, and the rarest of the most syllables. */
function wordOfRank(rank: number): string {
  if (rank <= COMMON.length) return COMMON[rank - 1]!;
  let rest = Math.imul(rank, 2654435761) >>> 0;
  const pick = (from: string[]): string => {
    const picked = from[rest % from.length]!;
    rest = Math.floor(rest / from.length);
    return picked;
  };
  let text = '';
  for (let reach = 60; reach < rank * 4; reach *= 60) text += pick(STARTS) + pick(VOWELS) + pick(ENDS);
  return text;
}

const nickName = (number: number): string => `${wordOfRank(5000 + number)}${number % 5 === 0 ? number % 100 : ''}`;
