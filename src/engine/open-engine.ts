import { availableParallelism } from 'node:os';
import type { Engine } from './engine.ts';
import { findTensorFlow } from './tensorflow-library.ts';

export interface EngineChoice {
  engine: 'tensorflow' | 'tfjs';
  /** threads inside one op; TensorFlow only */
  threads: number;
  /** compile with XLA, rather than running the graph op by op; TensorFlow only */
  xla: boolean;
}

/** What a stage's `engine` param means on this machine. Threads and compiler change bits: they are in the key, not in the YAML. */
export function engineChoice(engine: EngineChoice['engine']): EngineChoice {
  return { engine, threads: availableParallelism(), xla: true };
}

/** Opens an engine; loads only what that one needs. TensorFlow's library must be installed (`installTensorFlow`). */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  switch (choice.engine) {
    case 'tensorflow': {
      const found = findTensorFlow();
      if (!found) throw new Error("TensorFlow's library is not installed: run `./runner setup`, or use engine: tfjs");
      const { openTensorFlowEngine } = await import('./tensorflow-engine.ts');
      return openTensorFlowEngine({ libraryDir: found.dir, threads: choice.threads, xla: choice.xla });
    }
    case 'tfjs': {
      const { openTfjsEngine } = await import('./tfjs-engine.ts');
      return openTfjsEngine();
    }
  }
}
