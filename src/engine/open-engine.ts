import type { Engine } from './engine.ts';
import type { EngineChoice } from './engine-choice.ts';
import { compilerEnvironment } from './numeric-environment.ts';
import { findTensorFlow } from './tensorflow-library.ts';

export { engineChoice, type EngineChoice } from './engine-choice.ts';

/** Opens an engine; loads only what that one needs. TensorFlow's library must be installed (`installTensorFlow`). */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  switch (choice.engine) {
    case 'tensorflow': {
      const found = findTensorFlow();
      if (!found) throw new Error("TensorFlow's library is not installed: run `./runner setup`, or use engine: tfjs");
      const { openTensorFlowEngine } = await import('./tensorflow-engine.ts');
      return openTensorFlowEngine({ libraryDir: found.dir, threads: choice.threads, xla: choice.xla, device: choice.device ?? 'cpu', environment: compilerEnvironment(choice) });
    }
    case 'tfjs': {
      const { openTfjsEngine } = await import('./tfjs-engine.ts');
      return openTfjsEngine();
    }
  }
}
