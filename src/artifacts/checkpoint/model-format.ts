import type { TSchema } from '@sinclair/typebox';

/** What a folder with a model's weights must look like; `Config` is all that shapes the model. */
export interface ModelFormat<Config> {
  /** schema of `config.json` */
  configSchema: TSchema;
  /** The config in a `config.json` that fits the schema. Throws an Error, which does not name the file. */
  configFrom(json: object): Config;
  /** The published name of a tensor in a file, or null if it is no weight. */
  publishedName(stored: string): string | null;
  /** Published name → shape. */
  weightShapes(config: Config): Record<string, number[]>;
}
