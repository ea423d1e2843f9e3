"""The competitor in the sampling benchmark: Hugging Face's GPT-2 and its `generate`, with random weights.

argv: a JSON object {layers, heads, width, context, vocabularySize, batchSize, prompt, newTokens, temperature, topK, onePrompt, precision,
threads}.
Reads a number of runs from each line of stdin, and prints a line of JSON for each: {"seconds": [...], "tokens": n}.
"""
import json
import os
import sys
import time
import warnings

warnings.filterwarnings('ignore')
os.environ['HF_HUB_OFFLINE'] = '1'

import torch
from transformers import GPT2Config, GPT2LMHeadModel, logging

logging.set_verbosity_error()
shape = json.loads(sys.argv[1])
torch.set_num_threads(shape['threads'])
torch.manual_seed(1337)

config = GPT2Config(
    vocab_size=shape['vocabularySize'],
    n_positions=shape['context'],
    n_embd=shape['width'],
    n_layer=shape['layers'],
    n_head=shape['heads'],
)
model = GPT2LMHeadModel(config).eval()
if shape['precision'] == 'bf16':
    model = model.to(torch.bfloat16)
# No text may end early, so that both sides generate the same number of tokens.
model.generation_config.eos_token_id = None
model.generation_config.pad_token_id = 0
prompt = torch.randint(0, shape['vocabularySize'], (1 if shape['onePrompt'] else shape['batchSize'], shape['prompt']))
many = shape['batchSize'] // len(prompt)


def run():
    with torch.inference_mode():
        texts = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=shape['newTokens'],
            do_sample=True,
            num_return_sequences=many,
            temperature=shape['temperature'],
            top_k=shape['topK'],
        )
    return (texts.shape[1] - shape['prompt']) * shape['batchSize']


for line in sys.stdin:
    seconds = []
    tokens = 0
    for _ in range(int(line)):
        start = time.perf_counter()
        tokens = run()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({'seconds': seconds, 'tokens': tokens}), flush=True)
