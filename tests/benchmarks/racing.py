"""Contenders take turns, and what came out is printed."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import torch

TURNS = 15
SECONDS = 0.25
"""About how long a contender runs in a turn."""

SIZE = 1024
"""Of the matrix product that all are compared with."""


class Contender(NamedTuple):
    """Something that trains.

    Attributes:
        run: `run(steps)` takes so many steps.
        unit: It takes steps by so many at a time.
    """

    run: Callable[[int], object]
    unit: int = 1


class Race(NamedTuple):
    """What came out.

    Attributes:
        seconds: For every contender its seconds per step, turn by turn.
        first: How long each one's first call took, compilation and all, beyond a later call.
    """

    seconds: dict[str, list[float]]
    first: dict[str, float]

    def ratios(self, slower: str, faster: str) -> list[float]:
        pairs = zip(self.seconds[slower], self.seconds[faster], strict=True)
        return sorted(a / b for a, b in pairs)


def timed(run: Callable[[int], object], steps: int) -> float:
    """The seconds that so many steps take."""
    begin = time.perf_counter()
    run(steps)
    return time.perf_counter() - begin


def on_threads(count: int, run: Callable[[int], object]) -> Callable[[int], None]:
    """The same, with PyTorch on so many threads."""

    def threaded(steps: int) -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        run(steps)
        torch.set_num_threads(before)

    return threaded


def matrix_product() -> Contender:
    """One step is a product of two square matrices."""
    a = jnp.ones((SIZE, SIZE))
    product = jax.jit(jnp.matmul)

    def run(steps: int) -> None:
        for _ in range(steps):
            product(a, a).block_until_ready()

    return Contender(run)


def race(contenders: dict[str, Contender]) -> Race:
    """Lets them take turns, each for about as long as the others."""
    contenders = {**contenders, "product": matrix_product()}
    first, steps = {}, {}
    for name, (run, unit) in contenders.items():
        cold, warm = timed(run, unit), min(timed(run, unit) for _ in range(3))
        first[name] = cold - warm
        steps[name] = unit * max(1, round(SECONDS / warm))
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, (run, _) in contenders.items():
            seconds[name].append(timed(run, steps[name]) / steps[name])
    return Race(seconds, first)


def report(title: str, outcome: Race, *, needed: float, flop: float, ours: str = "book") -> None:
    """Prints everyone's time per step, and the ratios to ours.

    Args:
        title: What was trained.
        outcome: Of the race; the contender "PyTorch" must be in it.
        needed: The ratio that the book promises.
        flop: Multiplications and additions per step that training cannot do without.
        ours: The name of the book's contender.
    """
    print(f"\n{title}; median of {TURNS} turns")
    for name, seconds in outcome.seconds.items():
        if name != "product":
            low, _, high = statistics.quantiles(seconds, n=4)
            print(
                f"  {name:34} {1e3 * statistics.median(seconds):9.3f} ms/step"
                f"  (middle half {1e3 * low:.3f} to {1e3 * high:.3f};"
                f" first call {outcome.first[name]:.1f} s longer)"
            )
    for name in outcome.seconds:
        if name not in (ours, "product"):
            ratios = outcome.ratios(name, ours)
            low, middle, high = statistics.quantiles(ratios, n=4)
            promise = f"; the book promises {needed:g}" if name == "PyTorch" else ""
            print(
                f"  {name} / {ours}: {middle:.1f}  (middle half {low:.1f} to {high:.1f}{promise})"
            )
    own = [flop / seconds / 1e9 for seconds in outcome.seconds[ours]]
    best = [2 * SIZE**3 / seconds / 1e9 for seconds in outcome.seconds["product"]]
    share = statistics.median(a / b for a, b in zip(own, best, strict=True))
    print(
        f"  {ours}: {statistics.median(own):.1f} GFLOP/s, {share:.0%} of what a product of"
        f" {SIZE} x {SIZE} matrices makes in the same turns, {statistics.median(best):.0f}"
    )
