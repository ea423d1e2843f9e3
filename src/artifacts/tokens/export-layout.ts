/** `nanogpt`: one file of bare uint16 ids a split. `llmc`: our own shards as they are, under llm.c's names. */
export type ExportLayout = 'nanogpt' | 'llmc';
export const EXPORT_LAYOUTS: readonly ExportLayout[] = ['nanogpt', 'llmc'];
