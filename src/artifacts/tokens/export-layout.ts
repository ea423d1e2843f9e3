/** `nanogpt`: one file of uint16 ids per split. `llmc`: our shards, unchanged, with llm.c's file names. */
export type ExportLayout = 'nanogpt' | 'llmc';
export const EXPORT_LAYOUTS: readonly ExportLayout[] = ['nanogpt', 'llmc'];
