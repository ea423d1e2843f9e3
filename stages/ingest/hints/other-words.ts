import type { Json, Translation } from '../../../src/pipeline/stage-kind.ts';

type Mapping = { [key: string]: Json };

/** What people and other programs call the params of an ingest stage, and forms in which they write the values. */
export function translate(path: string[], value: Json, stage: Mapping): Translation | null {
  const [section, param = '', below] = path;
  if (section !== 'params') return null;
  if (param === 'format' && below === undefined && typeof value === 'string') return formatWord(value);
  if (param === 'source' && Array.isArray(value)) return sourcesOf(value);
  if (param === 'sources' && below !== undefined && path.length === 3) {
    const { params } = stage;
    const all = typeof params === 'object' && params !== null && !Array.isArray(params) ? params['sources'] : null;
    return Array.isArray(all) ? sourcesOf(all) : null;
  }
  if (param === 'keep' && (below === 'from' || below === 'until') && typeof value === 'string')
    return day(below, value);
  if (param === 'splitAfterHours' && typeof value === 'string') return hours(value);
  if (/^(path|file|files|folder|dir|data|data_?dir|input|dataset|export)$/i.test(param) && typeof value === 'string')
    return { write: { source: value } };
  return null;
}

// ---------------------------------------------------------------------------

function sourcesOf(paths: Json[]): Translation {
  return { write: { sources: paths.map((path) => (typeof path === 'string' ? { path } : path)) } };
}

function formatWord(word: string): Translation | null {
  const format = FORMAT_WORDS[word.toLowerCase().replace(/[\s_-]/g, '')];
  return format === undefined ? null : { write: { format } };
}

const FORMAT_WORDS: Record<string, string> = {
  facebook: 'messenger',
  fb: 'messenger',
  meta: 'messenger',
  facebookmessenger: 'messenger',
  ig: 'instagram',
  insta: 'instagram',
  wa: 'whatsapp',
  whatsapptxt: 'whatsapp',
  tg: 'telegram',
  sms: 'imessage',
  irc: 'ubuntu',
  tsv: 'csv',
  excel: 'csv',
  openai: 'dataset',
  chatgpt: 'dataset',
  sharegpt: 'dataset',
  txt: 'auto',
  json: 'auto',
  html: 'auto',
  zip: 'auto',
};

/** `01.02.2020` and `1/2/2020`; only the former is sure to begin with the day. */
function day(param: string, written: string): Translation | null {
  const [, first, separator, second, year] = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(written) ?? [];
  if (first === undefined || second === undefined || year === undefined) return null;
  const iso = (month: string, date: string): string => `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const [dayFirst, monthFirst] = [iso(second, first), iso(first, second)];
  if (separator === '.' || Number(first) > 12) return { write: { [param]: dayFirst } };
  return Number(second) > 12
    ? { write: { [param]: monthFirst } }
    : { write: { [param]: dayFirst }, note: `or ${monthFirst}, if the month comes first` };
}

function hours(written: string): Translation | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(m|min|minutes?|h|hrs?|hours?|d|days?)$/i.exec(written) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const factor = /^m/i.test(unit) ? 1 / 60 : /^d/i.test(unit) ? 24 : 1;
  return { write: { splitAfterHours: Number((Number(amount) * factor).toPrecision(6)) } };
}
