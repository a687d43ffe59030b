"""Many runs of the training loop: side by side or in turn, on all devices, for hours if need be.

Nothing here knows how to train: a step is `advance`, written for one run, and JAX lifts it.
The steps are taken in chunks. Between two chunks the state is at hand: the progress bar moves,
Ctrl+C is heard, and the training is kept in a file.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Int, Key
from tqdm import tqdm

from book.training.checkpoint import Checkpoint, File
from book.training.loop import Parameters, Run, advance, begin

MOST_STEPS = 128
"""The most steps in a chunk: so many that starting one takes no time to speak of."""

MOST_DRAWS = 2**22
"""The most numbers drawn for a chunk, 16 MB."""

Draw = Callable[[Key[Array, ""]], Any]
"""`draw(key)`: what one step is trained on, for example a batch."""


def only_the_key(key: Key[Array, ""]) -> Key[Array, ""]:
    """Draws nothing: the loss gets the step's key."""
    return key


def train_many(
    loss: Callable[..., Float[Array, ""]],
    optimizer: optax.GradientTransformation,
    parameters: Parameters,
    key: Key[Array, "*each"],
    steps: int,
    *,
    settings: tuple[Any, ...] = (),
    draw: Draw = only_the_key,
    at_once: int | None = None,
    progress: str | Callable[[float], object] | None = None,
    keep: Path | None = None,
) -> tuple[Parameters, Float[np.ndarray, "runs steps"]]:
    """Trains many models, each as `train` trains one.

    Args:
        loss: `loss(parameters, key, *settings)` of one run. With `draw` it is
            `loss(parameters, draw(key), *settings)`, and the draws of many steps are made at once.
        optimizer: Any of optax.
        parameters: Where the runs begin; every array has a first axis of runs.
        key: One key for each run; or one for all, and all runs see the same draws. That is
            fast, and the runs share the luck of the draw.
        steps: How many steps to take, at least 1; step t uses `fold_in(key, t)`.
        settings: What else differs between runs, for example densities; a first axis of runs.
        draw: Makes of a step's key what the step is trained on.
        at_once: How many runs go side by side, all unless it is said; the others go in turn.
            Few are faster than many where the arrays of one model fill a processor's cache.
        progress: The label of a progress bar, which appears when training takes long; or a
            function that is told what share of the steps is taken.
        keep: A folder to keep the training in. The same call goes on where an interrupted
            one stood, and returns at once when all steps are taken.

    Returns:
        The trained parameters, and every run's loss before each of its steps.

    Raises:
        ValueError: If `steps` is less than 1, or numbers of runs do not agree.
        KeyboardInterrupt: After Ctrl+C, at the end of a chunk.
    """
    if steps < 1:
        raise ValueError(f"train_many: steps is {steps}; give at least 1.")
    at_once = side_by_side(number_of_runs(parameters, settings, key), at_once)
    parameters, settings, key = placed((parameters, settings, key), at_once)
    take = partial(chunk, loss, optimizer, draw, at_once)
    runs = begin_many(optimizer, jax.tree.map(jnp.copy, parameters))
    now, file = Checkpoint(placed(runs, at_once), (), 0), None
    if keep is not None:
        file = file_of(keep, (loss, optimizer, draw, at_once), (now.runs, settings, key))
        now = file.load(now, most=steps)
    length = piece_length(draw, key, at_once, steps)
    with progress_of(progress, steps, now.done) as show, interrupts_kept() as interrupts:
        while now.done < steps:
            taken = min(length, steps - now.done)
            runs, losses = take(taken, now.runs, settings, key, now.done)
            now = Checkpoint(runs, (*now.losses, np.asarray(losses)), now.done + taken)
            show(now.done)
            if file:
                file.save(now, now=bool(interrupts) or now.done == steps)
            if interrupts:
                again = "; the same call goes on from there" if file else ""
                raise KeyboardInterrupt(f"stopped after {now.done:,} of {steps:,} steps{again}")
    return now.runs.parameters, np.concatenate(now.losses, axis=1)


def file_of(folder: Path, how: tuple[Any, ...], what: tuple[Any, ...]) -> File:
    """The file of a training: `how` decides on the program of a step, `what` is its input."""
    return File(folder, chunk.lower(*how, 1, *what, 0).as_text(), *what)


@partial(jax.jit, static_argnames="optimizer")
def begin_many(optimizer: optax.GradientTransformation, parameters: Parameters) -> Run:
    """Runs that have taken no step yet."""
    return jax.vmap(partial(begin, optimizer))(parameters)


@partial(
    jax.jit,
    static_argnames=("loss", "optimizer", "draw", "at_once", "length"),
    donate_argnames=("runs",),
)
def chunk(
    loss: Callable[..., Float[Array, ""]],
    optimizer: optax.GradientTransformation,
    draw: Draw,
    at_once: int,
    length: int,
    runs: Run,
    settings: tuple[Any, ...],
    key: Key[Array, "*each"],
    first: Int[Array, ""] | int,
) -> tuple[Run, Float[Array, "runs length"]]:
    """Takes some steps with every run, the first of them number `first`."""

    def draws(key: Key[Array, ""]) -> Any:
        step_keys = jax.vmap(partial(jax.random.fold_in, key))(first + jnp.arange(length))
        return jax.vmap(draw)(step_keys)

    shared = None if key.ndim else draws(key)

    def one(run: Run, settings: tuple[Any, ...], key: Key[Array, ""] | None) -> Any:
        def now(parameters: Parameters, drawn: Any) -> Float[Array, ""]:
            return loss(parameters, drawn, *settings)

        step = partial(advance, now, optimizer)
        return lax.scan(step, run, shared if key is None else draws(key))

    return lifted(one, at_once)(runs, settings, key if key.ndim else None)


def lifted(one: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    """`one`, written for one run, for arrays with a first axis of runs: some at once, in turn."""

    def in_turn(group: Any) -> Any:
        return lax.map(lambda each: one(*each), group)

    def many(*each: Any) -> Any:
        if len(jax.tree.leaves(each)[0]) == at_once:
            return jax.vmap(one)(*each)
        groups = jax.tree.map(lambda a: a.reshape(at_once, -1, *a.shape[1:]), each)
        return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), jax.vmap(in_turn)(groups))

    return many


def number_of_runs(parameters: Parameters, settings: Any, key: Key[Array, "*each"]) -> int:
    """The length of every array's first axis.

    Raises:
        ValueError: If they are not of one length, or a setting has no axis.
    """
    each = (parameters, settings, *((key,) if key.ndim else ()))
    lengths = {jnp.shape(leaf)[:1] for leaf in jax.tree.leaves(each)}
    if len(lengths) != 1 or () in lengths:
        shapes = ", ".join(str(jnp.shape(leaf)) for leaf in jax.tree.leaves(each))
        raise ValueError(
            f"train_many: the arrays' shapes are {shapes}; "
            "parameters, settings and keys need a first axis of one length, the runs."
        )
    return lengths.pop()[0]


def side_by_side(runs: int, at_once: int | None) -> int:
    """How many runs go at once.

    Raises:
        ValueError: If the runs cannot be parted in such groups.
    """
    if at_once is None:
        return runs
    if at_once < 1 or runs % at_once:
        raise ValueError(f"train_many: at_once is {at_once}; give a divisor of {runs}, the runs.")
    return at_once


def placed(arrays: Any, at_once: int) -> Any:
    """Puts runs that go at once on as many devices as they can be parted on evenly."""
    devices = jax.devices()
    count = max(k for k in range(1, len(devices) + 1) if at_once % k == 0)
    mesh = Mesh(np.array(devices[:count]), ("runs",))

    def place(array: Any) -> Array:
        spec = PartitionSpec(*("runs",)[: jnp.ndim(array)])
        return jax.device_put(array, NamedSharding(mesh, spec))

    return jax.tree.map(place, arrays)


def piece_length(draw: Draw, key: Key[Array, "*each"], at_once: int, steps: int) -> int:
    """How many steps to take between two looks at the state.

    It divides the number of steps if it can: every other length is compiled anew.
    """
    one = key if key.ndim == 0 else key[0]
    drawn = sum(leaf.size for leaf in jax.tree.leaves(jax.eval_shape(draw, one)))
    most = MOST_DRAWS // (drawn * (at_once if key.ndim else 1))
    most = max(1, min(most, MOST_STEPS, steps))
    return next((k for k in range(most, most // 2, -1) if steps % k == 0), most)


@contextmanager
def progress_of(
    progress: str | Callable[[float], object] | None, steps: int, done: int
) -> Iterator[Callable[[int], object]]:
    """A function that says how many steps are taken, on a bar or to whoever asked to be told."""
    if callable(progress):
        tell = progress
        yield lambda step: tell(step / steps)
    else:
        about = {"desc": progress, "total": steps, "initial": done, "unit": "step"}
        with tqdm(**about, delay=1, leave=False, disable=progress is None) as bar:
            yield lambda step: bar.update(step - bar.n)


@contextmanager
def interrupts_kept() -> Iterator[list[int]]:
    """Collects the interrupts of Ctrl+C, so that none comes while arrays change hands."""
    heard: list[int] = []
    try:
        before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    except ValueError:  # signals reach the main thread alone
        yield heard
        return
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
