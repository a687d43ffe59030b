"""The same trainings in PyTorch, written as one writes them: a module, an optimizer, a loop."""

import numpy as np
import torch
from torch import nn

from tests.benchmarks.racing import Contender
from tests.benchmarks.setup import BATCH, DECAY, RATE

ONE = "PyTorch, one thread"
Arrays = dict[str, np.ndarray]


class ToyModels(nn.Module):
    """Many toy models at once, in the setup of the paper's notebook: instances lead."""

    def __init__(self, features: int, neurons: int, density, importance):
        super().__init__()
        models = len(density)
        self.W = nn.Parameter(torch.empty(models, features, neurons))
        nn.init.xavier_normal_(self.W)
        self.b = nn.Parameter(torch.zeros(models, features))
        self.density = torch.as_tensor(np.array(density))[:, None]
        self.importance = torch.as_tensor(np.array(importance))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.einsum("bif,ifm->bim", x, self.W)
        return torch.relu(torch.einsum("bim,ifm->bif", hidden, self.W) + self.b)

    def sample(self) -> torch.Tensor:
        shape = (BATCH, *self.b.shape)
        values = torch.rand(shape)
        return torch.where(torch.rand(shape) <= self.density, values, torch.zeros(()))

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        return (self.importance * (x - self(x)) ** 2).mean(dim=(0, 2)).sum()


class Autoencoder(nn.Module):
    """A sparse autoencoder on activations that are made of known directions."""

    def __init__(self, directions, latents: int, density: float, penalty: float):
        super().__init__()
        self.directions = torch.as_tensor(np.array(directions))
        words = nn.functional.normalize(torch.randn(latents, self.directions.shape[1]), dim=1)
        self.encoder = nn.Parameter(words.T.clone())
        self.encoder_bias = nn.Parameter(torch.zeros(latents))
        self.decoder = nn.Parameter(words.clone())
        self.decoder_bias = nn.Parameter(torch.zeros(self.directions.shape[1]))
        self.density, self.penalty = density, penalty

    def forward(self, activation: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        latents = torch.relu((activation - self.decoder_bias) @ self.encoder + self.encoder_bias)
        words = nn.functional.normalize(self.decoder, dim=1)
        return latents, latents @ words + self.decoder_bias

    def sample(self) -> torch.Tensor:
        shape = (BATCH, len(self.directions))
        values = torch.rand(shape)
        present = torch.rand(shape) <= self.density
        return torch.where(present, values, torch.zeros(())) @ self.directions

    def loss(self, activation: torch.Tensor) -> torch.Tensor:
        latents, reconstruction = self(activation)
        missed = ((activation - reconstruction) ** 2).sum(dim=1)
        return (missed + self.penalty * latents.sum(dim=1)).mean()


def contenders(model: ToyModels | Autoencoder) -> dict[str, Contender]:
    """Training with AdamW on fresh batches, on as many threads as PyTorch likes and on one."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)

    def run(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            model.loss(model.sample()).backward()
            optimizer.step()

    def alone(steps: int) -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        run(steps)
        torch.set_num_threads(before)

    return {f"PyTorch, {torch.get_num_threads()} threads": Contender(run), ONE: Contender(alone)}


def slopes(model: ToyModels | Autoencoder, inputs) -> tuple[Arrays, Arrays]:
    """The model's parameters by name, and the loss's gradient there."""
    model.zero_grad()
    model.loss(torch.as_tensor(np.array(inputs))).backward()
    named = dict(model.named_parameters())
    return (
        {name: parameter.detach().numpy() for name, parameter in named.items()},
        {name: parameter.grad.numpy().copy() for name, parameter in named.items()},
    )
