"""Many runs at once: the single runs, however grouped, spread over devices, or interrupted."""

import os
import re
import signal
import subprocess
import sys
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from book.training import many, train, train_many, uniform

RUNS, STEPS = 6, 31
OPTIMIZER = optax.adamw(1e-2, weight_decay=1e-2)
KEYS = jax.vmap(jax.random.key)(jnp.arange(RUNS))
STARTS = (jax.random.normal(jax.random.key(7), (RUNS, 3)), jnp.zeros(RUNS))
TARGETS = jnp.linspace(-1.0, 2.0, RUNS)


def loss(parameters, key, target):
    """Least at `target` and at a bias of one, whatever the key."""
    return distance(parameters, jax.random.uniform(key, (8, 3)), target)


def distance(parameters, drawn, target):
    w, bias = parameters
    return jnp.mean((drawn @ (w - target) + bias - 1) ** 2)


def draw(key):
    return uniform(key, (8, 3))


@cache
def single(*, shared):
    """What `train` makes of every run."""

    def run(start, target, key):
        return train(partial(loss, target=target), OPTIMIZER, start, key, STEPS)

    keys = jnp.repeat(KEYS[3:4], RUNS) if shared else KEYS
    return jax.jit(jax.vmap(run))(STARTS, TARGETS, keys)


def same(these, those):
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-6), these, those)


@pytest.mark.parametrize("at_once", [None, 1, 2])
@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_many_runs_are_the_single_runs(shared, ahead, at_once):
    key = KEYS[3] if shared else KEYS
    how = {"draw": draw} if ahead else {}
    many_runs = train_many(
        distance if ahead else loss,
        OPTIMIZER,
        STARTS,
        key,
        STEPS,
        settings=(TARGETS,),
        at_once=at_once,
        **how,
    )
    same(many_runs, single(shared=shared))


def test_the_length_of_a_piece_changes_nothing(monkeypatch):
    for most in (1, 4):
        monkeypatch.setattr(many, "MOST_STEPS", most)
        made = train_many(loss, OPTIMIZER, STARTS, KEYS, STEPS, settings=(TARGETS,))
        same(made, single(shared=False))


def test_the_starting_point_stays_the_callers():
    before = jax.tree.map(np.array, STARTS)
    train_many(loss, OPTIMIZER, STARTS, KEYS, 2, settings=(TARGETS,))
    jax.tree.map(np.testing.assert_array_equal, STARTS, before)


def test_what_does_not_agree_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="steps is 0"):
        train_many(loss, OPTIMIZER, STARTS, KEYS, 0, settings=(TARGETS,))
    with pytest.raises(ValueError, match="a divisor of 6"):
        train_many(loss, OPTIMIZER, STARTS, KEYS, 1, settings=(TARGETS,), at_once=4)
    with pytest.raises(ValueError, match=r"\(6, 3\), \(6,\), \(5,\)"):
        train_many(loss, OPTIMIZER, STARTS, KEYS, 1, settings=(TARGETS[:5],))


def test_an_interrupted_training_goes_on_where_it_stood(tmp_path, monkeypatch):
    monkeypatch.setattr(many, "MOST_STEPS", 5)
    taken = []

    def pressed(share):
        taken.append(round(STEPS * share))
        if taken[-1] == 10:
            signal.raise_signal(signal.SIGINT)

    again = partial(
        train_many,
        loss,
        OPTIMIZER,
        STARTS,
        KEYS,
        STEPS,
        settings=(TARGETS,),
        progress=pressed,
        keep=tmp_path,
    )
    with pytest.raises(KeyboardInterrupt, match="after 10 of 31 steps"):
        again()
    assert taken == [5, 10]
    same(again(), single(shared=False))
    assert taken == [5, 10, 15, 20, 25, 30, 31]
    same(again(), single(shared=False))
    assert len(taken) == 7, "a finished training was trained again"


def test_a_kept_training_goes_on_to_more_steps(tmp_path):
    for steps in (5, STEPS):
        made = train_many(loss, OPTIMIZER, STARTS, KEYS, steps, settings=(TARGETS,), keep=tmp_path)
    same(made, single(shared=False))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_kept_training_is_named_by_all_that_determines_it(tmp_path):
    def name(target=TARGETS, rate=1e-2, scale=1.0, keys=KEYS, start=STARTS, changed=0.0):
        table = jnp.zeros((1000, 3)).at[500, 1].set(changed)

        def measured(parameters, key, target):
            return scale * loss(parameters, key, target) + jnp.sum((table - parameters[0]) ** 2)

        optimizer = optax.adam(rate)
        runs = many.begin_many(optimizer, start)
        how = (measured, optimizer, many.only_the_key, RUNS)
        return many.file_of(tmp_path, how, (runs, (target,), keys)).path

    assert name() == name()
    names = {
        name(),
        name(target=TARGETS + 1),
        name(rate=2e-2),
        name(scale=2.0),
        name(keys=KEYS[::-1]),
        name(start=jax.tree.map(lambda leaf: leaf + 1, STARTS)),
        name(changed=1.0),
    }
    assert len(names) == 7


def test_whoever_asks_is_told_what_share_of_the_steps_is_taken(monkeypatch):
    monkeypatch.setattr(many, "MOST_STEPS", 10)
    told = []
    train_many(loss, OPTIMIZER, STARTS, KEYS, 20, settings=(TARGETS,), progress=told.append)
    assert told == [0.5, 1.0]


def test_a_bar_says_how_much_is_left_and_is_wiped(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr("tqdm.std.time", lambda: now)
    with many.progress_of("pentagons", 100, 20) as show:
        for now, step in ((0.5, 30), (2.0, 60), (4.0, 80)):  # noqa: B007
            show(step)
    first, second, wiped = capsys.readouterr().err.strip("\r").split("\r")
    assert re.match(r"pentagons:  60%\|.*60/100 \[00:02<00:02", first)
    assert re.match(r"pentagons:  80%\|.*80/100 \[00:04<00:01", second)
    assert wiped.strip() == ""


def test_without_a_label_there_is_no_bar(monkeypatch, capsys):
    monkeypatch.setattr(many, "MOST_STEPS", 10)
    train_many(loss, OPTIMIZER, STARTS, KEYS, 20, settings=(TARGETS,))
    assert capsys.readouterr().err == ""


ON_DEVICES = """
import jax, numpy as np
from tests.training.test_many import *
for key in (KEYS, KEYS[3]):
    for at_once in (None, 2):
        (w, bias), losses = train_many(
            distance, OPTIMIZER, STARTS, key, STEPS, settings=(TARGETS,), draw=draw, at_once=at_once
        )
        print(len(w.sharding.device_set), *np.ravel(w), *np.ravel(bias), *np.ravel(losses))
"""


def on_devices(count):
    flags = f"--xla_force_host_platform_device_count={count}"
    done = subprocess.run(
        [sys.executable, "-c", ON_DEVICES],
        env={**os.environ, "XLA_FLAGS": flags},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return np.array([line.split() for line in done.stdout.splitlines()], float)


def test_several_devices_share_the_runs_and_change_nothing():
    one, four = on_devices(1), on_devices(4)
    np.testing.assert_array_equal(one[:, 0], 1)
    # Six runs on four devices: three get two each. Two at once: one on each of two devices.
    np.testing.assert_array_equal(four[:, 0], [3, 2, 3, 2])
    np.testing.assert_allclose(four[:, 1:], one[:, 1:], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(), (1,), (5, 7), (2, 3, 4)])
@pytest.mark.parametrize("seed", [0, 2**31 + 5])
def test_uniform_draws_are_jaxs_bit_for_bit(shape, seed):
    key = jax.random.fold_in(jax.random.key(seed), 3)
    np.testing.assert_array_equal(uniform(key, shape), jax.random.uniform(key, shape))
    keys = jax.random.split(key, 3)
    for lifted, key in zip(jax.vmap(lambda key: uniform(key, shape))(keys), keys, strict=True):
        np.testing.assert_array_equal(lifted, jax.random.uniform(key, shape))
