import type { TSchema } from '@sinclair/typebox';

/** The format of a folder with a model's weights. `Config` determines the shapes of the model. */
export interface ModelFormat<Config> {
  /** schema of `config.json` */
  configSchema: TSchema;
  /** The config in a `config.json` that fits the schema. Throws an Error, which does not name the file. */
  configFrom(json: object): Config;
  /** The published name of a tensor in a file, or null if it is not a weight. */
  publishedName(stored: string): string | null;
  /** Published name → shape. */
  weightShapes(config: Config): Record<string, number[]>;
}
