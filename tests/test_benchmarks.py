"""The benchmarks' own machinery, at tiny sizes; no time is asserted, and PyTorch is not needed."""

import importlib.util
import sys

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import autoencoder, build, grading, phase, toy
from tests.benchmarks.promises import Promise, table
from tests.benchmarks.racing import Contender, Race, Time, judged, race

FAST = Race(
    times={
        "PyTorch, 2 threads": [Time(8.0, 16.0), Time(9.0, 18.0), Time(10.0, 20.0)],
        "PyTorch, one thread": [Time(6.0, 6.0), Time(6.0, 6.0), Time(6.0, 6.0)],
        "book": [Time(2.0, 3.0), Time(1.0, 1.5), Time(3.0, 2.0)],
    },
    first={"PyTorch, 2 threads": 0.1, "PyTorch, one thread": 0.0, "book": 1.5},
    product=[4e9, 4e9, 4e9],
)


def test_a_race_times_everyone_in_every_turn():
    taken = {"one": [], "other": []}
    contenders = {
        "one": Contender(taken["one"].append),
        "other": Contender(taken["other"].append, unit=4),
    }
    outcome = race(contenders, turns=3, seconds=1e-5, size=8)
    assert set(outcome.times) == set(outcome.first) - {""} == set(taken)
    for name in taken:
        assert len(outcome.times[name]) == 3
        assert len(taken[name]) == 4 + 3, "four calls to find the number of steps, three turns"
    assert all(steps % 4 == 0 for steps in taken["other"])
    assert len(outcome.product) == 3
    assert all(rate > 0 for rate in outcome.product)


def test_the_ratio_is_the_median_within_turns_against_the_fastest_baseline(capsys):
    promise = judged("pentagons", FAST, bound=4, flop=2e9, note="shared")
    assert promise.measured == 3.0
    assert promise.processor == 3.0
    assert not promise.kept
    assert promise.note == "against PyTorch, one thread; shared"
    printed = capsys.readouterr().out
    assert "first call 1.5 s longer" in printed
    assert "1.0 GFLOP/s, 25% of what a matrix product makes in the same turns, 4" in printed
    assert "4.0 times ours" in printed


def test_the_table_says_what_is_kept_and_what_is_missed():
    promises = [
        Promise("fast", 12.3, 11.0, 12),
        Promise("slow", 1.9, 2.2, 2, note="one thread"),
        Promise("brief", 1.5, None, 2.0, unit="s"),
        Promise("long", 2.5, 0.5, 2.0, unit="s"),
    ]
    assert [promise.kept for promise in promises] == [True, False, True, False]
    _, fast, slow, brief, long, load = table(promises).splitlines()
    assert fast.split() == ["fast", "12.3", "x", "11.0", "x", ">=", "12.0", "x", "pass"]
    assert slow.endswith(">=    2.00 x  MISSED  one thread")
    assert brief.split() == ["brief", "1.50", "s", "<=", "2.00", "s", "pass"]
    assert "MISSED" in long
    assert "processors" in load


def test_grading_is_judged_a_submission_and_tells_what_the_preparations_cost():
    seconds = {"book": [1.0, 3.0], "nbgrader": [14.0, 18.0]}
    cpu = {"book": [1.0, 1.0], "nbgrader": [9.0, 11.0]}
    promise = grading.promised(seconds, cpu, share=40.0 / 20)
    assert (promise.measured, promise.processor) == (8.0, 10.0)
    assert promise.kept
    assert "4.0 x with preparations" in promise.note


def test_a_build_is_measured_against_the_first_editions(capsys, tmp_path):
    first, took = build.Took(100, 90), build.Took(45, 60)
    promise = build.promise("Building", first, took, share=0.5)
    assert promise.measured == pytest.approx(100 / 45)
    assert promise.processor == 1.5
    assert promise.kept
    assert promise.note == "the first edition's time; at most 0.50 of it, here 0.45"
    assert not build.promise("Building", first, took, share=0.4).kept
    steps = "for _ in range(100): print('a step')"
    assert build.timed([sys.executable, "-c", steps], tmp_path, "work", "step").processor > 0
    assert [
        line.strip().partition(",")[0] for line in capsys.readouterr().out.splitlines()[:-1]
    ] == ["work: 50 steps", "work: 100 steps"]
    with pytest.raises(RuntimeError, match=r"this edition failed(.|\n)*no _config.yml"):
        build.build(tmp_path, "this edition")


def test_without_the_first_edition_the_error_says_what_to_fetch():
    with pytest.raises(SystemExit, match=r"the commit 0{40} is not in .*git fetch --unshallow"):
        build.revision("0" * 40)


TINY = toy.Size(5, 2, 2, 0.9, bound=1, batch=8)


@pytest.mark.parametrize("size", [TINY, TINY._replace(rows=True), TINY._replace(devices=False)])
def test_the_books_toy_models_train(size):
    for contender in toy.contenders(size).values():
        _, losses = contender.run(3)
        assert losses.shape == (2, 3)


def test_the_books_phase_diagram_and_autoencoder_train():
    _, losses = phase.contenders(cells=2, seeds=1, batch=8)["book"].run(2)
    assert losses.shape == (4, 2)
    for contender in autoencoder.contenders(latents=6, batch=8).values():
        _, losses = contender.run(2)
        assert losses.shape == (1, 2)
    promise = phase.by_quadrature(cells=2, seeds=2, steps=3)
    assert promise.unit == "s"
    assert promise.measured > 0


def test_an_unknown_benchmark_is_an_error_that_lists_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        command.main(["tea"])
    assert "no benchmark 'tea'; there are toy, phase" in capsys.readouterr().err


def test_without_pytorch_the_error_says_how_to_install_it(capsys, monkeypatch):

    def absent():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(toy, "main", absent)
    with pytest.raises(SystemExit):
        command.main(["toy"])
    assert "needs PyTorch: 'make benchmark' installs it" in capsys.readouterr().err


def test_every_benchmark_is_a_module():
    for name in command.NAMES:
        assert importlib.util.find_spec(f"tests.benchmarks.{name}"), name
