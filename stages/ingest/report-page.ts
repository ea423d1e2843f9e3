import type { ConversationsReport } from '../../src/artifacts/conversations.ts';
import { monthsInOrder, peopleInOrder, type Statistics } from './statistics.ts';
import { withCommas } from '../../src/numbers/counted.ts';
import { escaped, page } from '../../src/pages/page.ts';

/**
 * `report.html`: a readable summary of the source in one file that loads nothing from the network. It contains names
 * and, behind a click, strings from the user's chats, so it is not sent to any tracker.
 */
export function reportPage({
  report,
  statistics,
  owner,
  repairs,
}: {
  report: ConversationsReport;
  statistics: Statistics;
  owner: string | null;
  repairs: { repaired: [string, string][]; failed: string[] };
}): string {
  const months = monthsInOrder(statistics.months);
  const people = peopleInOrder(statistics.people);
  const shown = people.slice(0, SHOWN_PEOPLE);
  const dropped = Object.entries(report.dropped).sort(([, a], [, b]) => b - a);
  return page({
    title: 'What was read',
    style: STYLE,
    body: `<h1>${withCommas(report.messages)} messages in ${withCommas(report.conversations)} conversations</h1>
<p class="quiet">${withCommas(people.length)} people${owner === null ? '' : `; these look like ${escaped(owner)}’s chats`}${months.length > 0 ? `; ${months[0]![0]} to ${months.at(-1)![0]}` : ''}</p>
${section('Messages by month', months.length > 0 ? monthColumns(months) : quiet('no message has a time'))}
${section('Messages by person', bars(shown) + (people.length > shown.length ? quiet(`and ${withCommas(people.length - shown.length)} more: people.json has all of them`) : ''))}
${section('Messages by length, in characters', bars(binned(statistics.messageLengths)))}
${section('Conversations by length, in messages', bars(binned(statistics.conversationLengths)))}
${section(`What was dropped: ${withCommas(dropped.reduce((sum, [, count]) => sum + count, 0))} of ${withCommas(report.read)} records`, dropped.length > 0 ? bars(dropped) : quiet('nothing'))}
${report.mojibake ? section(`Broken characters: ${withCommas(report.mojibake.repaired)} strings mended, ${withCommas(report.mojibake.failed)} left as they were`, repairedStrings(repairs)) : ''}
${report.skipped.count > 0 ? section(`${withCommas(report.skipped.count)} files or lines could not be read`, `<ul>${report.skipped.first.map(({ place, reason }) => `<li><code>${escaped(place)}</code> ${escaped(reason)}</li>`).join('')}</ul>`) : ''}`,
  });
}

const SHOWN_PEOPLE = 30;

const section = (title: string, body: string): string => `<h2>${escaped(title)}</h2>\n${body}`;
const quiet = (text: string): string => `<p class="quiet">${escaped(text)}</p>`;

/** Horizontal bars with their numbers; the longest takes the full width. */
function bars(rows: [label: string, count: number][]): string {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const row = ([label, count]: [string, number]): string =>
    `<tr><th>${escaped(label)}</th><td><div class="bar" style="width:${((100 * count) / most).toFixed(1)}%"></div></td><td class="count">${withCommas(count)}</td></tr>`;
  return `<table>${rows.map(row).join('')}</table>`;
}

/** One column per month, with the year under January. */
function monthColumns(months: [month: string, messages: number][]): string {
  const most = Math.max(1, ...months.map(([, messages]) => messages));
  const step = Math.max(2, Math.min(24, 960 / months.length));
  const width = step * months.length;
  const column = ([month, messages]: [string, number], i: number): string => {
    const height = (HEIGHT * messages) / most;
    return `<rect x="${(i * step).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(step * 0.85).toFixed(1)}" height="${height.toFixed(1)}"><title>${month}: ${withCommas(messages)}</title></rect>`;
  };
  const everyYear = Math.ceil(50 / (12 * step));
  const years = months.flatMap(([month], i) =>
    month.endsWith('-01') && Number(month.slice(0, 4)) % everyYear === 0
      ? [`<text x="${(i * step).toFixed(1)}" y="${HEIGHT + 16}">${month.slice(0, 4)}</text>`]
      : [],
  );
  return `<svg viewBox="0 0 ${Math.max(width, 200).toFixed(0)} ${HEIGHT + 20}" style="max-width:${Math.max(width, 200).toFixed(0)}px" role="img" aria-label="messages by month; most: ${withCommas(most)}"><g>${months.map(column).join('')}</g>${years.join('')}</svg>${quiet(`at most ${withCommas(most)} a month`)}`;
}

const HEIGHT = 140;

/** Labels the bins `1`, `2–3`, `4–7` …, each twice as wide as the one before. */
function binned(counts: number[]): [string, number][] {
  return counts.flatMap((count, bin): [string, number][] => {
    const [low, high] = [2 ** (bin - 1), 2 ** bin - 1];
    if (bin === 0) return count > 0 ? [['0', count]] : [];
    return [[low === high ? `${low}` : `${withCommas(low)}–${withCommas(high)}`, count]];
  });
}

function repairedStrings({ repaired, failed }: { repaired: [string, string][]; failed: string[] }): string {
  const before = repaired
    .map(([was, is]) => `<li><code>${escaped(was)}</code> → <code>${escaped(is)}</code></li>`)
    .join('');
  const left = failed.map((text) => `<li><code>${escaped(text)}</code></li>`).join('');
  return [
    repaired.length > 0
      ? `<details><summary>show ${repaired.length} that were mended</summary><ul>${before}</ul></details>`
      : '',
    failed.length > 0
      ? `<details><summary>show ${failed.length} that were left as they were</summary><ul>${left}</ul></details>`
      : '',
  ].join('');
}

const STYLE = `
:root { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dee4; --mark: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --quiet: #9aa4af; --line: #333a42; --mark: #56b4e9; } }
body { margin: 0 auto; max-width: 960px; padding: 24px 20px 60px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 17px; margin: 34px 0 8px; } .quiet { color: var(--quiet); margin: 4px 0; }
table { width: 100%; border-collapse: collapse; } th { text-align: left; font-weight: 400; width: 1%; white-space: nowrap; max-width: 18em; overflow: hidden; text-overflow: ellipsis; padding: 2px 12px 2px 0; }
td { padding: 2px 0; } td.count { width: 1%; text-align: right; padding-left: 12px; font-variant-numeric: tabular-nums; }
.bar { height: 14px; min-width: 1px; background: var(--mark); border-radius: 2px; } svg { width: 100%; display: block; } svg g { fill: var(--mark); } svg text { fill: var(--quiet); font-size: 12px; }
code { font: 13px ui-monospace, Menlo, monospace; overflow-wrap: anywhere; } summary { cursor: pointer; color: var(--quiet); }
`;
