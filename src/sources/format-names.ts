export const FORMATS = [
  'messenger',
  'instagram',
  'whatsapp',
  'telegram',
  'signal',
  'ubuntu',
  'csv',
  'jsonl',
  'text',
] as const;
export type SourceFormat = (typeof FORMATS)[number];
