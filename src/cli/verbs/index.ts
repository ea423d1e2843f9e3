import type { Verb } from '../verb.ts';
import { initVerb } from './init.ts';
import { runVerb } from './run.ts';
import { attachVerb } from './attach.ts';
import { stopVerb } from './stop.ts';
import { planVerb } from './plan.ts';
import { explainVerb } from './explain.ts';
import { graphVerb } from './graph.ts';
import { lsVerb } from './ls.ts';
import { showVerb } from './show.ts';
import { logsVerb } from './logs.ts';
import { diffVerb } from './diff.ts';
import { compareVerb } from './compare.ts';
import { lineageVerb } from './lineage.ts';
import { exportVerb } from './export.ts';
import { sampleVerb } from './use/sample.ts';
import { chatVerb } from './use/chat.ts';
import { serveVerb } from './use/serve.ts';
import { judgeVerb } from './use/judge.ts';
import { noteVerb } from './label/note.ts';
import { renameVerb } from './label/rename.ts';
import { rmVerb } from './label/rm.ts';
import { tagVerb } from './label/tag.ts';
import { uiVerb } from './ui.ts';
import { setupVerb } from './setup.ts';
import { doctorVerb } from './doctor.ts';
import { gcVerb } from './gc.ts';
import { verifyVerb } from './verify.ts';
import { completionVerb } from './completion.ts';
import { helpVerb } from './help.ts';
import { completeVerb } from './internal/complete.ts';
import { execStageVerb } from './internal/exec-stage.ts';
import { doctorTensorFlowVerb } from './internal/doctor-tensorflow.ts';
import { timeStepVerb } from './internal/time-step.ts';
import { schemasVerb } from './internal/schemas.ts';

/** Every verb, in the order of `help`. */
export const verbs: Verb[] = [
  initVerb,
  runVerb,
  attachVerb,
  stopVerb,
  planVerb,
  explainVerb,
  graphVerb,
  sampleVerb,
  chatVerb,
  serveVerb,
  judgeVerb,
  lsVerb,
  showVerb,
  logsVerb,
  diffVerb,
  compareVerb,
  lineageVerb,
  tagVerb,
  noteVerb,
  renameVerb,
  exportVerb,
  uiVerb,
  setupVerb,
  doctorVerb,
  rmVerb,
  gcVerb,
  verifyVerb,
  completionVerb,
  helpVerb,
  completeVerb,
  execStageVerb,
  doctorTensorFlowVerb,
  timeStepVerb,
  schemasVerb,
];
