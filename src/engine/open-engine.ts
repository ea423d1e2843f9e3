import type { Engine } from './engine.ts';
import type { EngineChoice } from './engine-choice.ts';
import { compilerEnvironment } from './numeric-environment.ts';
import { findTensorFlow, notInstalled } from './tensorflow/install/install.ts';
import { preferWideVectors } from './tensorflow/wide-vectors.ts';

export { engineChoice, type EngineChoice } from './engine-choice.ts';

/** Opens an engine and loads only what it needs. TensorFlow's library must be installed (`installTensorFlow`). */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  return (await beginOpening(choice)).opening;
}

/** Opens an engine on a worker thread while `use` does other work, and closes it afterwards. */
export async function whileOpening<T>(choice: EngineChoice, use: (opening: Promise<Engine>) => Promise<T>): Promise<T> {
  const { opening } = await beginOpening(choice);
  opening.catch(() => {}); // `use` awaits it
  try {
    return await use(opening);
  } finally {
    await opening.then(
      (engine) => engine.close(),
      () => {},
    );
  }
}

// ---------------------------------------------------------------------------

async function beginOpening(choice: EngineChoice): Promise<{ opening: Promise<Engine> }> {
  switch (choice.engine) {
    case 'tensorflow': {
      const { device = 'cpu', wideVectors = false } = choice;
      const found = findTensorFlow(device);
      if (!found) throw new Error(notInstalled(device));
      if (wideVectors && device === 'cpu') preferWideVectors();
      const { openTensorFlowEngine } = await import('./tensorflow/tensorflow-engine.ts');
      const opening = openTensorFlowEngine({
        libraryDir: found.dir,
        threads: choice.threads,
        xla: choice.xla,
        device,
        environment: compilerEnvironment(choice),
      });
      return { opening };
    }
    case 'tfjs': {
      const { openTfjsEngine } = await import('./tfjs/tfjs-engine.ts');
      return { opening: openTfjsEngine() };
    }
  }
}
