import type { Diagnostic } from '../../pipeline/diagnostic/diagnostic.ts';

/** What `runner.yaml` says; paths as written. */
export interface ProjectSettings {
  /** the folder for runs and results */
  runs?: string;
  /** the folder that paths beginning with `data/` mean */
  data?: string;
  /** the pipeline that `run`, `plan` and `graph` take if none is named */
  pipeline?: string;
  /** what tells people that a run has ended: a desktop notification, or the words of a command */
  notify?: 'desktop' | string[];
}

export interface Project {
  dir: string;
  settings: ProjectSettings;
  /** A diagnostic at the value of a setting, with the texts to show it in. */
  fault(setting: keyof ProjectSettings, message: string, hint: string): [Diagnostic[], Map<string, string>];
}
