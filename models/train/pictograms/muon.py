"""The optimizer: momentum made orthogonal for weight matrices (Muon, Jordan et al. 2024), AdamW for the rest.

In runs as short as ours it needs about half the steps of AdamW alone.
"""

import torch

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)

OUTSIDE = ("conv_in", "conv_out", "controlnet_")
"""First and last layers, and all that a ControlNet adds: they have scales of their own."""


def orthogonal(matrix, rounds=4):
    """The nearest matrix with all singular values near 1, by Newton-Schulz iteration."""
    first, second, third = _COEFFICIENTS
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    if x.size(1) < 2 * x.size(0):
        for _ in range(rounds):
            gram = x @ x.T
            x = first * x + (second * gram + third * gram @ gram) @ x
        return x.T if tall else x
    # Every round multiplies by a polynomial of the Gram matrix, so the rounds of a wide matrix need only that small one.
    gram, product = x @ x.T, None
    for index in range(rounds):
        factor = third * (gram @ gram) + second * gram
        factor.diagonal().add_(first)
        product = factor if product is None else factor @ product
        if index + 1 < rounds:
            gram = factor @ gram @ factor
    x = product @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Steps of the size that AdamW's would have, so that one learning rate serves both."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        """One update."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(state["momentum"], group["momentum"])
                update = orthogonal(ahead.flatten(1))
                scale = 0.2 * max(update.shape) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update.reshape(weight.shape), alpha=-group["lr"] * scale)


def split(model):
    """The matrices inside the model, and everything else (norms, biases, first and last convolution)."""
    matrices, others = [], []
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            inner = weight.ndim >= 2 and not name.startswith(OUTSIDE)
            (matrices if inner else others).append(weight)
    return matrices, others


class Both:
    """Muon and AdamW as one optimizer."""

    def __init__(self, model, rate):
        matrices, others = split(model)
        self.parts = [
            Muon(matrices, rate),
            torch.optim.AdamW(others, rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True),
        ]

    def step(self, rate):
        """One update with this learning rate; gradients are forgotten."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad()

    def state_dict(self):
        """For a checkpoint."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        """From a checkpoint."""
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
