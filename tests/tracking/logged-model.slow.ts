import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { syncJournal } from '../../src/tracking/send/sync.ts';
import { kinds } from '../../stages/index.ts';
import { mlflowPython } from '../bench/mlflow-python.ts';
import { runWithModel } from './logged-model.ts';
import { newRunsDir, startRealMlflow } from './real-mlflow.ts';

test(
  'the real mlflow.transformers and mlflow.pyfunc load a model and write with it',
  { timeout: 900_000 },
  async (context) => {
    const python = mlflowPython();
    const server = await startRealMlflow();
    context.after(() => server.stop());
    const { path, dir } = await runWithModel(newRunsDir(), { register: 'chats' });
    await syncJournal(openMlflow(server.uri), path, { kinds, warn: assert.fail });
    const script = `
import json, mlflow, sys, torch, transformers
here = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1])
there = mlflow.transformers.load_model('models:/chats/1')
ids = torch.tensor([[5, 6, 7]])
same = torch.equal(here(ids).logits, there.model(ids).logits)
tokens = there.tokenizer('Zoë: tea?')['input_ids']
text = mlflow.pyfunc.load_model('models:/chats/1').predict(['Hello'])
print(json.dumps([same, type(there).__name__, there.tokenizer.decode(tokens), [type(t).__name__ for t in text]]))`;
    const env = { ...process.env, MLFLOW_TRACKING_URI: server.uri, HF_HUB_OFFLINE: '1' };
    const out = execFileSync(python, ['-c', script, dir], { encoding: 'utf8', env, cwd: tmpdir() });
    assert.deepEqual(JSON.parse(out.trim().split('\n').at(-1)!), [
      true,
      'TextGenerationPipeline',
      'Zoë: tea?',
      ['str'],
    ]);
  },
);
