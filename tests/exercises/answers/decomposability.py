"""Correct answers to the exercises of chapter 1, each written in several ways."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from book.decomposability import Network, cross_entropy
from tests.exercises.answers.common import Answers, rows


def _encode_looped(values: Any, choices: int) -> list[float]:
    return [float(v == place) for v in values for place in range(choices)]


def _decode_looped(code: Any, choices: int) -> list[int]:
    code = [float(entry) for entry in code]
    blocks = [code[start : start + choices] for start in range(0, len(code), choices)]
    return [block.index(max(block)) for block in blocks]


def _lookup_masked(images: Any, answers: Any, image: Any) -> Any:
    same = jnp.all(images == image, axis=1)
    return jnp.where(same.any(), answers[same.argmax()], -1)


def _lookup_dictionary(images: Any, answers: Any, image: Any) -> int:
    table = {np.asarray(one).tobytes(): int(a) for one, a in zip(images, answers, strict=True)}
    return table.get(np.asarray(image).tobytes(), -1)


def _size_looped(values: Any) -> tuple[int, int]:
    product, total = 1, 0
    for value in values:
        product, total = product * int(value), total + int(value)
    return product, total


def _selectivity_jax(activations: Any, present: Any) -> Any:
    a, b = activations[present].mean(axis=0), activations[~present].mean(axis=0)
    return jnp.where(a + b > 0, (a - b) / jnp.where(a + b > 0, a + b, 1.0), 0.0)


def _selectivity_weighted(activations: Any, present: Any) -> Any:
    x, p = np.asarray(activations, float), np.asarray(present, float)
    a, b = p @ x / p.sum(), (1 - p) @ x / (1 - p).sum()
    return np.divide(a - b, a + b, out=np.zeros_like(a), where=a + b > 0)


def _gap_looped(told: Any, truth: Any, told_new: Any, truth_new: Any) -> float:
    def share(one: Any, other: Any) -> float:
        pairs = list(zip(rows(one), rows(other), strict=True))
        return sum(a == b for a, b in pairs) / len(pairs)

    return share(told, truth) - share(told_new, truth_new)


def _step_optax(network: Any, images: Any, answers: Any, rate: Any) -> Any:
    optimizer = optax.sgd(rate)
    gradient = jax.grad(cross_entropy)(Network(*network), images, answers)
    updates, _ = optimizer.update(gradient, optimizer.init(Network(*network)))
    return optax.apply_updates(Network(*network), updates)


@jax.jit
def _step_by_hand(network: Any, images: Any, answers: Any, rate: Any) -> Any:
    def loss(network: Any) -> Any:
        inward, threshold, outward, bias = network
        pixels = images.reshape(len(images), -1) - 0.5
        answers_given = jnp.maximum(pixels @ inward + threshold, 0) @ outward + bias
        logs = jax.nn.log_softmax(answers_given.reshape(-1, 2, 2))
        return -jnp.sum(logs * jax.nn.one_hot(answers, 2)) / len(images)

    return jax.tree.map(lambda w, g: w - rate * g, network, jax.grad(loss)(network))


CORRECT: Answers = {
    "decomposability.encode_qualities": [
        (lambda values, choices: jnp.eye(choices)[values].ravel(),),
        (lambda values, choices: jax.nn.one_hot(values, choices).reshape(-1),),
        (_encode_looped,),
    ],
    "decomposability.decode_qualities": [
        (lambda code, choices: code.reshape(-1, choices).argmax(axis=1),),
        (lambda code, choices: [int(np.argmax(b)) for b in np.split(code, len(code) // choices)],),
        (_decode_looped,),
    ],
    "decomposability.lookup_table": [(_lookup_masked,), (_lookup_dictionary,)],
    "decomposability.table_size": [
        (lambda values: (jnp.prod(values), jnp.sum(values)),),
        (lambda values: (np.multiply.reduce(values), np.add.reduce(values)),),
        (_size_looped,),
    ],
    "decomposability.selectivity": [(_selectivity_jax,), (_selectivity_weighted,)],
    "decomposability.generalisation_gap": [
        (
            lambda told, truth, told_new, truth_new: (
                (told == truth).all(axis=1).mean() - (told_new == truth_new).all(axis=1).mean()
            ),
        ),
        (_gap_looped,),
    ],
    "decomposability.blend": [
        (lambda red, blue, shape, hue: (1 - hue) * red + hue * blue + shape,),
        (lambda red, blue, shape, hue: np.array([1 - hue, hue, 1]) @ np.stack([red, blue, shape]),),
    ],
    "decomposability.train_step": [(_step_optax,), (_step_by_hand,)],
}
