import type { Engine } from './engine.ts';
import type { EngineChoice } from './engine-choice.ts';
import { compilerEnvironment } from './numeric-environment.ts';
import { findTensorFlow, notInstalled } from './tensorflow/install/install.ts';
import { preferWideVectors } from './tensorflow/wide-vectors.ts';

export { engineChoice, type EngineChoice } from './engine-choice.ts';

/** Opens an engine and loads only what it needs. TensorFlow's library must be installed (`installTensorFlow`). */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  switch (choice.engine) {
    case 'tensorflow': {
      const { device = 'cpu', wideVectors = false } = choice;
      const found = findTensorFlow(device);
      if (!found) throw new Error(notInstalled(device));
      if (wideVectors && device === 'cpu') preferWideVectors();
      const { openTensorFlowEngine } = await import('./tensorflow/tensorflow-engine.ts');
      return openTensorFlowEngine({
        libraryDir: found.dir,
        threads: choice.threads,
        xla: choice.xla,
        device,
        environment: compilerEnvironment(choice),
      });
    }
    case 'tfjs': {
      const { openTfjsEngine } = await import('./tfjs/tfjs-engine.ts');
      return openTfjsEngine();
    }
  }
}
