"""The ledger: its experiments on tiny sizes, its judges on made-up results, and its cache."""

import dataclasses
import signal
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tqdm import tqdm

from book.superposition import (
    initial_model,
    linear_model,
    sample_features,
    toy_model,
    weighted_loss,
)
from book.superposition.ledger import ROWS, ledger_table, results
from book.superposition.ledger.__main__ import missing, run
from book.superposition.ledger.experiments import corners, pairs, phase_grid, shape, toy
from book.superposition.ledger.judges import FRACTIONS, fraction_share, on_the_boundary
from book.superposition.ledger.results import (
    Cache,
    Outcome,
    find,
    full_outcomes,
    key,
    meaning,
    measure,
)
from book.superposition.ledger.row import Row, Verdict, work
from book.superposition.ledger.rows import SHAPES
from book.training import many, train

TINY = {"features": 5, "neurons": 2, "decay": 0.9, "seeds": 2, "steps": 3, "batch": 8}


def test_every_row_is_complete():
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    page = (Path(__file__).parents[2] / "chapters" / "claim-ledger.md").read_text()
    for row in ROWS:
        assert f"## {row.cell}\n" in page, f"the page has no heading {row.cell!r}"
        assert f'"{row.id}"' in page, f"the page does not measure {row.id!r}"
        assert row.small
        assert row.full
        assert all(work(part) > 0 for part in row.full)


def test_the_toy_experiment_has_a_seed_per_row():
    result = toy(**TINY, density=0.5)
    assert np.shape(result["lost"]) == (2,)
    assert np.shape(result["norms"]) == (2, 5)
    assert np.shape(result["directions"]) == (2, 5, 2)
    np.testing.assert_allclose(
        np.linalg.norm(result["directions"], axis=2), result["norms"], rtol=1e-4
    )


@pytest.mark.parametrize(("name", "model"), [("relu", toy_model), ("linear", linear_model)])
def test_a_seed_is_trained_as_the_chapter_trains_it(name, model):
    density, importance = 0.3, 0.9 ** jnp.arange(5.0)

    def loss(parameters, key):
        x = sample_features(density, 8, 5, key=key)
        nothing = jnp.mean(importance) * density / 3
        return weighted_loss(model(parameters, x), x, importance) / nothing

    key = jax.random.key(1)
    optimizer = optax.adam(optax.cosine_decay_schedule(1e-2, 20))
    (W, _), losses = train(loss, optimizer, initial_model(5, 2, key=key), key, 20)
    result = toy(**{**TINY, "steps": 20}, density=density, model=name)
    np.testing.assert_allclose(result["directions"][1], W, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(result["lost"][1], losses[-2:].mean(), rtol=1e-4)


def test_pairs_report_the_cosine_within_each_pair():
    result = pairs(pairs=2, neurons=2, density=0.2, together=True, seeds=1, steps=2, batch=4)
    first, second = np.array(result["directions"][0][:2])
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert result["within"][0][0] == pytest.approx(cosine, abs=1e-4)


def test_a_small_phase_grid_is_found_by_training():
    grid = phase_grid(cells=2, seeds=4, steps=300, points=8)
    assert grid["trained"] == grid["expected"] == [[1, 1], [0, 2]]


@pytest.mark.parametrize(("name", "fraction"), list(zip(SHAPES, FRACTIONS, strict=True)))
def test_the_shapes_have_their_fractions(name, fraction):
    np.testing.assert_allclose(np.linalg.norm(corners(name), axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(shape(name=name)["dimensionality"], fraction, rtol=1e-5)


def test_an_unknown_shape_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no shape 'cube'.*pentagon"):
        corners("cube")


def ideal(directions: list[list[float]], **more: object) -> dict:
    rows = np.asarray(directions, float)
    gram = rows @ rows.T
    sizes = np.sum(rows**2, axis=1)
    return {
        "lost": [0.1],
        "norms": [np.sqrt(sizes).tolist()],
        "dimensionality": [(sizes**2 / np.maximum((gram**2).sum(1), 1e-9)).tolist()],
        "directions": [directions],
        **more,
    }


PENTAGON = corners("pentagon").tolist()
DIGONS = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]
TWO = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("id", "directions", "passed"),
    [
        ("five-dense", TWO, True),
        ("five-dense", DIGONS, False),
        ("five-digons", DIGONS, True),
        ("five-digons", PENTAGON, False),
        ("five-pentagon", PENTAGON, True),
        ("five-pentagon", TWO, False),
    ],
)
def test_the_rows_of_five_features_know_their_shape(id, directions, passed):
    row = find(id)
    assert row.judge(row.small, [ideal(directions)]).passed is passed


@pytest.mark.parametrize(
    ("counts", "passed"),
    [([5, 7, 9, 9, 11], True), ([5, 7, 6, 9, 11], False), ([6, 7, 8, 9, 12], False)],
)
def test_more_and_more_features_may_not_become_fewer(counts, passed):
    row = find("twenty-relu")
    made = [{"lost": [0.1], "norms": [[1.0] * n + [0.0] * (20 - n)]} for n in counts]
    assert row.judge(row.small, made).passed is passed


@pytest.mark.parametrize(("values", "passed"), [([2, 2, 2, 2], True), ([1.5, 1.3, 3, 4], False)])
def test_a_ratio_sticks_where_it_stays(values, passed):
    row = find("sticky-half")
    densities = (0.5, 0.4, 0.2, 0.1)
    parts = [{**row.small[0], "neurons": 2, "density": p} for p in densities]
    made = [{"lost": [0.1], "norms": [[(2 * v) ** 0.5]]} for v in values]
    assert row.judge(parts, made).passed is passed


def test_the_share_on_the_fractions():
    assert fraction_share(np.array([0.5, 0.75, 0.6, 0.1])) == 0.5
    assert fraction_share(np.array([])) == 0.0


def test_cells_that_touch_another_answer():
    answers = np.array([[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert on_the_boundary(answers).astype(int).tolist() == [
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [0, 0, 0, 0],
    ]


def test_measuring_twice_measures_once():
    first, again = measure("shapes-exact"), measure("shapes-exact")
    assert first[0].verdict.passed
    assert first[0].results[0] is again[0].results[0]


def test_an_unknown_row_is_an_error_that_lists_the_known_ones():
    with pytest.raises(LookupError, match="five-dense"):
        measure("six")


def counting(calls: list[int]) -> Row:
    def experiment(*, value: int) -> dict:
        calls.append(value)
        if value == 13:
            raise KeyboardInterrupt
        return {"value": value}

    return dataclasses.replace(
        ROWS[0],
        id="counting",
        experiment=experiment,
        full=[{"value": v} for v in (1, 2, 3)],
        judge=lambda parts, results: Verdict(str(results), "", True),
    )


@pytest.fixture
def calls(monkeypatch) -> list[int]:
    """The calls of an experiment that is the only row of the ledger."""
    made: list[int] = []
    for place in (
        "book.superposition.ledger.results.ROWS",
        "book.superposition.ledger.__main__.ROWS",
    ):
        monkeypatch.setattr(place, (counting(made),))
    return made


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, calls):
    path = tmp_path / "full.json"
    (row,) = results.ROWS
    cache = Cache(path)
    cache.put(row, row.full[0], row.experiment(**row.full[0]))
    assert full_outcomes(path) == {}
    calls.clear()
    run(Cache(path))
    assert calls == [2, 3]
    assert missing(Cache(path)) == []
    assert [r["value"] for r in full_outcomes(path)["counting"].results] == [1, 2, 3]
    run(Cache(path))
    assert calls == [2, 3]


def test_a_part_that_was_interrupted_goes_on_in_its_middle(tmp_path, monkeypatch, capsys):
    path = tmp_path / "full.json"
    row = dataclasses.replace(find("five-digons"), full=[{**TINY, "density": 0.2, "steps": 200}])
    for place in (
        "book.superposition.ledger.results.ROWS",
        "book.superposition.ledger.__main__.ROWS",
    ):
        monkeypatch.setattr(place, (row,))
    monkeypatch.setattr(many, "MOST_STEPS", 50)
    told = []

    class Bar(tqdm):
        def update(self, n=1):
            super().update(n)
            told.append((self.desc.strip(), self.n / self.total))
            if len(told) == 2:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("book.superposition.ledger.__main__.tqdm", Bar)
    with pytest.raises(KeyboardInterrupt, match="goes on from there"):
        run(Cache(path), tmp_path)
    assert missing(Cache(path)), "the part is not done"
    run(Cache(path), tmp_path)
    assert missing(Cache(path)) == []
    assert told == [("five-digons", share) for share in (0.25, 0.5, 0.75, 1.0, 1.0)]
    whole = toy(**row.full[0])
    np.testing.assert_allclose(
        full_outcomes(path)["five-digons"].results[0]["norms"], whole["norms"], rtol=1e-4
    )


def test_other_code_or_other_parameters_make_a_result_stale(tmp_path, calls, monkeypatch):
    path = tmp_path / "full.json"
    (row,) = results.ROWS
    run(Cache(path))
    assert not full_outcomes(path)["counting"].stale
    before = key(row, row.full[0])
    assert key(row, {"value": 7}) != before
    monkeypatch.setattr(results, "_code", lambda: "other code")
    assert key(row, row.full[0]) != before
    outcome = full_outcomes(path)["counting"]
    assert outcome.stale
    assert "stale" in repr(ledger_table([outcome], caption="x")._repr_html_())
    assert len(missing(Cache(path))) == 3


def test_comments_docstrings_and_layout_do_not_change_the_meaning_of_code():
    one = 'def f(x):\n    """Says one thing."""\n    return x + 1  # why\n'
    other = 'def f(x: int) -> int:\n    """Says another."""\n\n    return (x +\n            1)\n'
    assert meaning(one) == meaning(other)
    assert meaning(one) != meaning(one.replace("+ 1", "+ 2"))


def test_the_table_has_a_row_for_every_outcome_and_leads_to_the_cell():
    outcome = Outcome(find("shapes-exact"), "small", measure("shapes-exact")[0].results)
    html = ledger_table([outcome], caption="A table")._repr_html_()
    assert 'href="#the-shapes"' in html
    assert "no training" in html
    assert "2/5" in html
    with pytest.raises(ValueError, match="no outcomes"):
        ledger_table([], caption="nothing")
