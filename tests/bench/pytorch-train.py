"""A competitor in the training benchmark: GPT-2's training step in PyTorch, eager or compiled, in fp32 or bf16 (autocast).

argv: a JSON object {layers, heads, width, context, batchSize, vocabularySize, threads, compile, precision}.
Reads a number of steps from each line of stdin, and prints a line of JSON for each: {"seconds": [...], "loss": x, "peakBytes": n}.
"""
import json
import resource
import sys
import time
import warnings

warnings.filterwarnings('ignore')

import torch
from torch import nn
from torch.nn import functional as F

shape = json.loads(sys.argv[1])
torch.set_num_threads(shape['threads'])
torch.manual_seed(1337)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.attn_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.mlp_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.c_attn(self.ln_1(x)).split(width, 2))
        read = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_proj(read.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate='tanh'))


class GPT2(nn.Module):
    def __init__(self):
        super().__init__()
        width = shape['width']
        self.wte, self.wpe = nn.Embedding(shape['vocabularySize'], width), nn.Embedding(shape['context'], width)
        self.blocks = nn.ModuleList(Block(width, shape['heads']) for _ in range(shape['layers']))
        self.ln_f = nn.LayerNorm(width)
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)

    def forward(self, tokens, labels):
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, logits.shape[-1]).float(), labels.view(-1))


model = GPT2()
matrices = [weight for weight in model.parameters() if weight.dim() > 1]
others = [weight for weight in model.parameters() if weight.dim() == 1]
groups = [{'params': matrices, 'weight_decay': 0.1}, {'params': others, 'weight_decay': 0.0}]
optimizer = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), fused=True)
loss_of = torch.compile(model) if shape['compile'] else model
ids = (shape['batchSize'], shape['context'])
tokens, labels = (torch.randint(0, shape['vocabularySize'], ids) for _ in range(2))


def step():
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=shape['precision'] == 'bf16'):
        loss = loss_of(tokens, labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


for line in sys.stdin:
    seconds = []
    for _ in range(int(line)):
        start = time.perf_counter()
        loss = step()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({'seconds': seconds, 'loss': loss, 'peakBytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)
