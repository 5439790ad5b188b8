"""What the stages before the language model share: options, two optimisers under one falling rate, a running log."""

import argparse
import json
import time

import torch

from muon import Muon


def parser(minutes, rate):
    """The options that every such stage has."""
    options = argparse.ArgumentParser()
    options.add_argument("out")
    options.add_argument("--start", help="a checkpoint to go on from")
    options.add_argument("--minutes", type=float, default=minutes)
    options.add_argument("--rate", type=float, default=rate)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--log")
    return options


class Schedule:
    """Muon for a Q-former's matrices, AdamW for all else; the rate rises over 50 updates and falls in the second half.

    modules: name -> module, all of them trained and kept; former: the one whose layers Muon takes.
    """

    def __init__(self, options, modules, former):
        self.options, self.modules = options, modules
        if options.start:
            kept = torch.load(options.start, map_location="cpu")
            for name, module in modules.items():
                module.load_state_dict(kept[name])
        self.trained = [p for module in modules.values() for p in module.parameters()]
        matrices = [(p, 2 if name.endswith("kv.weight") else 1) for name, p in former.named_parameters() if p.dim() == 2 and "layers" in name]
        apart = {id(p) for p, _ in matrices}
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW([p for p in self.trained if id(p) not in apart], lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.began, self.step, self.running = time.time(), 0, {}

    @property
    def done(self):
        """The share of the time that is over."""
        return (time.time() - self.began) / (60 * self.options.minutes)

    def update(self, loss, parts, right):
        """One step down; parts of the loss and shares of right answers go into the log, smoothed."""
        scale = max(0.0, min(1, (self.step + 1) / 50, (1 - self.done) / 0.5))
        for p in self.trained:
            p.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 2.0)
        self.muon.rate = 2 * self.options.rate * scale
        for group in self.adam.param_groups:
            group["lr"] = self.options.rate * scale
        self.adam.step()
        self.muon.step()
        self.step += 1
        told = {**{k: v.item() for k, v in parts.items()}, **{f"right {k}": 100 * v for k, v in right.items() if v == v}}
        for k, v in told.items():
            self.running[k] = v if k not in self.running else 0.97 * self.running[k] + 0.03 * v
        if self.step % 100 == 0:
            self.tell()
            self.save()

    def tell(self):
        row = json.dumps({"step": self.step, "seconds": round(time.time() - self.began), **{k: round(v, 3) for k, v in self.running.items()}})
        print(row, flush=True)
        if self.options.log:
            with open(self.options.log, "a") as file:
                file.write(row + "\n")

    def save(self):
        torch.save({name: module.state_dict() for name, module in self.modules.items()}, self.options.out)
