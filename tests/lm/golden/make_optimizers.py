"""Makes optimizers.json: eight updates with each optimizer but AdamW, in PyTorch 2.13 and transformers 5.23. Run by hand:

    pip install torch==2.13.0 transformers==5.23.0 numpy && python make_optimizers.py

Adafactor is checked against two implementations: torch.optim.Adafactor, whose step is relative to the weight, and transformers' Adafactor with
scale_parameter=False and relative_step=False, whose step is the rate. Gradients are first clipped together, as in a trainer.
"""
import json
import pathlib
import torch
from transformers.optimization import Adafactor as TransformersAdafactor

HERE = pathlib.Path(__file__).parent
SHAPES = {"matrix": (3, 5), "wide": (2, 4), "vector": (4,)}
STEPS, CLIP = 8, 1.0
OURS = {"clip": CLIP}


def flat(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def groups(weights, decay):
    return [{"params": [w], "weight_decay": decay if w.dim() > 1 else 0.0} for w in weights.values()]


CASES = {
    "adam": ({"kind": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, 0.05, lambda w: torch.optim.Adam(groups(w, 0.0), betas=(0.9, 0.999), eps=1e-8)),
    "sgd": ({"kind": "sgd", "momentum": 0.0, "nesterov": False, "weightDecay": 0.1}, 0.5, lambda w: torch.optim.SGD(groups(w, 0.1), lr=1.0)),
    "sgd with momentum": ({"kind": "sgd", "momentum": 0.9, "nesterov": False, "weightDecay": 0.01}, 0.2, lambda w: torch.optim.SGD(groups(w, 0.01), lr=1.0, momentum=0.9)),
    "sgd with Nesterov's momentum": ({"kind": "sgd", "momentum": 0.8, "nesterov": True, "weightDecay": 0.0}, 0.2, lambda w: torch.optim.SGD(groups(w, 0.0), lr=1.0, momentum=0.8, nesterov=True)),
    "adafactor of torch": (
        {"kind": "adafactor", "decayPower": 0.8, "updateClip": 1.0, "scaleByWeight": True, "weightDecay": 0.1},
        0.05,
        lambda w: torch.optim.Adafactor(groups(w, 0.1), lr=1.0, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0),
    ),
    "adafactor of transformers": (
        {"kind": "adafactor", "decayPower": 0.7, "updateClip": 0.8, "scaleByWeight": False, "weightDecay": 0.1},
        0.05,
        lambda w: TransformersAdafactor(groups(w, 0.1), lr=1.0, eps=(1e-30, 1e-3), clip_threshold=0.8, decay_rate=-0.7, scale_parameter=False, relative_step=False, warmup_init=False),
    ),
}

torch.manual_seed(21)
start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
# Large enough to be clipped in some steps, and of uneven size, so that Adafactor's own clipping is tested too.
gradients = [{name: torch.randn(shape) * torch.rand(shape) ** 3 * (0.3 + 0.4 * step) for name, shape in SHAPES.items()} for step in range(STEPS)]
golden = {"shapes": {name: list(shape) for name, shape in SHAPES.items()}, "start": {name: flat(x) for name, x in start.items()}, "gradients": [{name: flat(x) for name, x in step.items()} for step in gradients], "cases": []}
for name, (options, peak, build) in CASES.items():
    weights = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
    optimizer = build(weights)
    steps = []
    for step, given in enumerate(gradients):
        for key, weight in weights.items():
            weight.grad = given[key].clone()
        norm = torch.nn.utils.clip_grad_norm_(list(weights.values()), CLIP)
        rate = peak / (step + 1) ** 0.5
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        steps.append({"rate": rate, "norm": norm.item(), "weights": {key: flat(weight) for key, weight in weights.items()}})
    golden["cases"].append({"name": name, "options": {**options, **OURS}, "steps": steps})

# ReduceLROnPlateau with an absolute threshold; its patience counts the validations that it ignores, one fewer than ours.
losses = [3.0, 2.5, 2.4, 2.41, 2.4, 2.35, 2.36, 2.36, 2.36, 2.2, 2.3, 2.3, 2.3, 2.3, 2.1, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11, 2.11]
golden["plateau"] = {"losses": losses, "cases": []}
for factor, patience, cooldown, min_delta, floor in [(0.5, 2, 0, 0.0, 0.0), (0.5, 2, 2, 0.02, 0.0), (0.1, 3, 1, 0.1, 5e-3), (0.7, 1, 0, 0.0, 0.3)]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=patience - 1, cooldown=cooldown, threshold=min_delta, threshold_mode="abs", min_lr=floor)
    rates = []
    for loss in losses:
        schedule.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    golden["plateau"]["cases"].append({"schedule": {"kind": "plateau", "peak": 1.0, "warmupSteps": 0, "factor": factor, "patience": patience, "cooldown": cooldown, "minDelta": min_delta, "floor": floor}, "rates": rates})
(HERE / "optimizers.json").write_text(json.dumps(golden) + "\n")
