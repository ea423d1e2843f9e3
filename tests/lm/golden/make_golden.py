"""Makes tiny-gpt2.json and adamw.json from a tiny GPT-2 in PyTorch 2.13. Run by hand:

    pip install torch==2.13.0 numpy && python make_golden.py
"""
import json
import pathlib
import torch
import torch.nn.functional as F

V, CONTEXT, LAYERS, HEADS, C, B, T = 13, 7, 2, 2, 8, 3, 5
HERE = pathlib.Path(__file__).parent


def shapes():
    yield "wte.weight", (V, C)
    yield "wpe.weight", (CONTEXT, C)
    for n in range(LAYERS):
        for name, shape in [
            ("ln_1.weight", (C,)), ("ln_1.bias", (C,)), ("attn.c_attn.weight", (C, 3 * C)), ("attn.c_attn.bias", (3 * C,)),
            ("attn.c_proj.weight", (C, C)), ("attn.c_proj.bias", (C,)), ("ln_2.weight", (C,)), ("ln_2.bias", (C,)),
            ("mlp.c_fc.weight", (C, 4 * C)), ("mlp.c_fc.bias", (4 * C,)), ("mlp.c_proj.weight", (4 * C, C)), ("mlp.c_proj.bias", (C,)),
        ]:
            yield f"h.{n}.{name}", shape
    yield "ln_f.weight", (C,)
    yield "ln_f.bias", (C,)


def logits_of(w, tokens):
    b, t = tokens.shape
    x = F.embedding(tokens, w["wte.weight"]) + w["wpe.weight"][:t]
    for n in range(LAYERS):
        p = lambda name: w[f"h.{n}.{name}"]
        a = F.layer_norm(x, (C,), p("ln_1.weight"), p("ln_1.bias"), 1e-5)
        q, k, v = (a @ p("attn.c_attn.weight") + p("attn.c_attn.bias")).split(C, dim=2)
        q, k, v = [z.view(b, t, HEADS, C // HEADS).transpose(1, 2) for z in (q, k, v)]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, C)
        x = x + y @ p("attn.c_proj.weight") + p("attn.c_proj.bias")
        m = F.layer_norm(x, (C,), p("ln_2.weight"), p("ln_2.bias"), 1e-5)
        m = F.gelu(m @ p("mlp.c_fc.weight") + p("mlp.c_fc.bias"), approximate="tanh")
        x = x + m @ p("mlp.c_proj.weight") + p("mlp.c_proj.bias")
    return F.layer_norm(x, (C,), w["ln_f.weight"], w["ln_f.bias"], 1e-5) @ w["wte.weight"].T


def flat(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


torch.manual_seed(20)
weights = {}
for name, shape in shapes():
    centre = 1.0 if ".ln_" in f".{name}" and name.endswith("weight") else 0.0
    weights[name] = (centre + 0.3 * torch.randn(shape)).requires_grad_(True)
tokens = torch.randint(0, V, (B, T))
labels = torch.randint(0, V, (B, T))
logits = logits_of(weights, tokens)
loss = F.cross_entropy(logits.view(-1, V), labels.view(-1))
loss.backward()
golden = {
    "config": {"vocabularySize": V, "context": CONTEXT, "layers": LAYERS, "heads": HEADS, "width": C},
    "batch": [B, T], "tokens": tokens.flatten().tolist(), "labels": labels.flatten().tolist(),
    "weights": {k: flat(w) for k, w in weights.items()}, "logits": flat(logits), "loss": loss.item(),
    "gradients": {k: flat(w.grad) for k, w in weights.items()},
}
(HERE / "tiny-gpt2.json").write_text(json.dumps(golden) + "\n")

# AdamW: a matrix (with decay) and a vector (without), five updates, with gradients large enough to be clipped in some of them.
matrix, vector = torch.randn(2, 3).requires_grad_(True), torch.randn(4).requires_grad_(True)
start = {"matrix": flat(matrix), "vector": flat(vector)}
options = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1, "clip": 1.0}
optimizer = torch.optim.AdamW([{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}], betas=(0.9, 0.95), eps=1e-8)
steps = []
for step in range(5):
    rate = 0.1 / (step + 1)
    matrix.grad, vector.grad = torch.randn(2, 3) * 0.4 * step, torch.randn(4) * 0.2
    gradients = {"matrix": flat(matrix.grad), "vector": flat(vector.grad)}
    norm = torch.nn.utils.clip_grad_norm_([matrix, vector], 1.0)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    steps.append({"rate": rate, "gradients": gradients, "norm": norm.item(), "weights": {"matrix": flat(matrix), "vector": flat(vector)}})
(HERE / "adamw.json").write_text(json.dumps({"options": options, "start": start, "steps": steps}) + "\n")
