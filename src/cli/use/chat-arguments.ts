/** The arguments of `runner chat`. */
export interface ChatArguments {
  model: string;
  with: string | null;
  as: string | null;
  group: boolean;
  seed: number | null;
  temperature: number | null;
  topK: number | null;
  topP: number | null;
  clock: string | null;
  recite: boolean;
  save: string | null;
  replay: string | null;
  /** of `chat eliza` */
  script: string | null;
}
