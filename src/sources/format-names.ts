export const FORMATS = [
  'messenger',
  'instagram',
  'whatsapp',
  'telegram',
  'signal',
  'imessage',
  'line',
  'kakaotalk',
  'ubuntu',
  'csv',
  'jsonl',
  'dialogue',
  'text',
] as const;
export type SourceFormat = (typeof FORMATS)[number];
