"""The same trainings in PyTorch, written as one writes them: a module, an optimizer, a loop."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

BATCH, RATE, DECAY = 1024, 1e-3, 1e-2


class ToyModels(nn.Module):
    """Many toy models at once, in the setup of the paper's notebook: instances lead."""

    def __init__(self, models: int, features: int, neurons: int, density, importance):
        super().__init__()
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


def trainer(model: ToyModels | Autoencoder) -> Callable[[int], None]:
    """`run(steps)`: so many more steps of AdamW, on fresh batches."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)

    def run(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            model.loss(model.sample()).backward()
            optimizer.step()

    return run
