"""Contenders take turns, and what came out is printed."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from tests.benchmarks.promises import Promise

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


class Time(NamedTuple):
    """Seconds by the clock, and those that processors spent on this process, all together."""

    clock: float
    processor: float


class Race(NamedTuple):
    """What came out.

    Attributes:
        times: For every contender its time per step, turn by turn.
        first: By how many seconds each one's first call took longer, compilation and all.
        product: How many multiplications and additions a second a product of two matrices made,
            turn by turn.
    """

    times: dict[str, list[Time]]
    first: dict[str, float]
    product: list[float]

    def ratios(self, slower: str, faster: str) -> list[Time]:
        """Turn by turn, how many times as long the one took as the other."""
        pairs = zip(self.times[slower], self.times[faster], strict=True)
        return [Time(a.clock / b.clock, a.processor / b.processor) for a, b in pairs]

    def fastest(self, begins: str) -> str:
        """The fastest of the contenders whose name begins so."""
        names = [name for name in self.times if name.startswith(begins)]
        return min(names, key=lambda name: statistics.median(t.clock for t in self.times[name]))


def timed(run: Callable[[int], object], steps: int) -> Time:
    """The time that so many steps take."""
    clock, processor = time.perf_counter(), time.process_time()
    run(steps)
    return Time(time.perf_counter() - clock, time.process_time() - processor)


def matrix_product(size: int) -> Contender:
    """One step is a product of two square matrices."""
    a = jnp.ones((size, size))
    product = jax.jit(jnp.matmul)

    def run(steps: int) -> None:
        for _ in range(steps):
            product(a, a).block_until_ready()

    return Contender(run)


def race(
    contenders: dict[str, Contender],
    *,
    turns: int = TURNS,
    seconds: float = SECONDS,
    size: int = SIZE,
) -> Race:
    """Lets them take turns, each for about as long as the others.

    A matrix product takes its turn too: what the machine could do at that time.
    """
    everyone = {**contenders, "": matrix_product(size)}
    first, steps = {}, {}
    for name, (run, unit) in everyone.items():
        cold, warm = timed(run, unit).clock, min(timed(run, unit).clock for _ in range(3))
        first[name] = cold - warm
        steps[name] = unit * max(1, round(seconds / warm))
    times: dict[str, list[Time]] = {name: [] for name in everyone}
    for _ in range(turns):
        for name, (run, _) in everyone.items():
            clock, processor = timed(run, steps[name])
            times[name].append(Time(clock / steps[name], processor / steps[name]))
    product = [2 * size**3 / each.clock for each in times.pop("")]
    return Race(times, first, product)


def judged(
    what: str,
    outcome: Race,
    *,
    bound: float,
    flop: float,
    note: str,
    ours: str = "book",
) -> Promise:
    """Prints everyone's time per step and our share of the machine; judges the ratio.

    The baseline is the fastest of the contenders whose name begins with "PyTorch". Every ratio is
    the median over the turns of the ratio within a turn: machines change their speed, and a turn
    is short.

    Args:
        what: What was trained.
        outcome: Of the race.
        bound: How many times as fast as the baseline the book promises to be.
        flop: Multiplications and additions per step that training cannot do without.
        note: What differs between the contenders.
        ours: The name of the book's contender.
    """
    print(f"\n{what}; median of {len(outcome.product)} turns")
    for name, times in outcome.times.items():
        low, middle, high = statistics.quantiles([1e3 * each.clock for each in times], n=4)
        ratio = statistics.median(each.clock for each in outcome.ratios(name, ours))
        print(
            f"  {name:32} {middle:9.3f} ms/step (middle half {low:.3f} to {high:.3f}), "
            f"{ratio:.1f} times ours; first call {outcome.first[name]:.1f} s longer"
        )
    own = [flop / each.clock for each in outcome.times[ours]]
    share = statistics.median(a / b for a, b in zip(own, outcome.product, strict=True))
    print(
        f"  {ours}: {statistics.median(own) / 1e9:.1f} GFLOP/s, {share:.0%} of what a matrix"
        f" product makes in the same turns, {statistics.median(outcome.product) / 1e9:.0f}"
    )
    baseline = outcome.fastest("PyTorch")
    ratios = outcome.ratios(baseline, ours)
    return Promise(
        what,
        statistics.median(each.clock for each in ratios),
        statistics.median(each.processor for each in ratios),
        bound,
        note=f"against {baseline}; {note}",
    )
