"""Computes the logits of a folder's model with the real transformers library, or saves a model with it.

    with-transformers.py logits FOLDER   ids [B, T] as JSON on stdin → {logits, decoded, encoded} as JSON
    with-transformers.py save FOLDER     saves a small random GPT-2
"""
import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel, GPT2Model

transformers.logging.set_verbosity_error()
task, folder = sys.argv[1:3]
if task == "save":
    torch.manual_seed(7)
    config = GPT2Config(vocab_size=50257, n_positions=48, n_embd=32, n_layer=3, n_head=4)
    model = GPT2LMHeadModel(config) if len(sys.argv) == 3 else GPT2Model(config)
    with torch.no_grad():  # norms and biases start as ones and zeros, which would hide mistakes
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    print("{}")
else:
    request = json.load(sys.stdin)
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor(request["ids"])).logits
    answer = {"missing": sorted(info["missing_keys"]), "unexpected": sorted(info["unexpected_keys"]), "logits": logits.flatten().tolist()}
    if request["text"] is not None:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        encoded = tokenizer(request["text"])["input_ids"]
        answer |= {"encoded": encoded, "decoded": tokenizer.decode(encoded), "end": tokenizer.eos_token_id}
    print(json.dumps(answer))
