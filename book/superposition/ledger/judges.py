"""How the rows of the ledger are judged: from a row's parts and results to a verdict.

Where there are several seeds, the best one is judged, the one that loses least, and the spread
says what the others did.
"""

from collections.abc import Callable, Sequence

import numpy as np

from book.superposition.ledger.row import Parameters, Result, Verdict

Judge = Callable[[Sequence[Parameters], Sequence[Result]], Verdict]

LONG = 0.5  # a feature is represented when its direction is longer than this
FRACTIONS = (1, 3 / 4, 2 / 3, 1 / 2, 2 / 5, 3 / 8)


def best(result: Result) -> int:
    """The seed that loses least."""
    return int(np.argmin(result["lost"]))


def kept(result: Result) -> np.ndarray:
    """Which features each seed represents, shape (seeds, features)."""
    return np.asarray(result["norms"]) > LONG


def cosines(directions: Sequence[Sequence[float]]) -> np.ndarray:
    """The cosines of all pairs of directions; 0 where a direction is."""
    rows = np.asarray(directions)
    units = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return units @ units.T


def two_at_a_right_angle(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """Features 1 and 2 alone, orthogonal, of length 1."""
    (result,) = results
    k = best(result)
    sizes = np.sum(np.square(result["norms"]), axis=1)
    cosine = cosines(result["directions"][k])[0, 1]
    alone = kept(result)[k].tolist() == [True, True, False, False, False]
    return Verdict(
        f"keeps {_names(kept(result)[k])}, cosine {cosine:.2f}, ‖W‖² = {sizes[k]:.2f}",
        f"{_agree(result)}; ‖W‖² from {sizes.min():.2f} to {sizes.max():.2f}",
        alone and bool(abs(cosine) < 0.05) and bool(abs(sizes[k] - 2) < 0.05),
    )


def two_digons(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """Features 1 to 4 alone, in two opposite pairs."""
    (result,) = results
    k = best(result)
    nearest = cosines(result["directions"][k])[:4].min(axis=1)
    alone = kept(result)[k].tolist() == [True] * 4 + [False]
    return Verdict(
        f"keeps {_names(kept(result)[k])}, each opposite to another, cosine {nearest.max():.2f}",
        _agree(result),
        alone and bool(nearest.max() < -0.95),
    )


def pentagon(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """All five features, each with 2/5 of a dimension."""
    (result,) = results
    shares = np.asarray(result["dimensionality"])[best(result)]
    return Verdict(
        f"keeps {_names(kept(result)[best(result)])}, D from {shares.min():.2f} to "
        f"{shares.max():.2f}",
        _agree(result),
        bool(kept(result)[best(result)].all() and np.all(np.abs(shares - 0.4) < 0.05)),
    )


def more_and_more(dense: int, at_least: int) -> Judge:
    """The best model keeps `dense` features at density 1, and never fewer when sparser."""

    def judge(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
        counts = [int(kept(result)[best(result)].sum()) for result in results]
        spans = [_span(kept(result).sum(axis=1)) for result in results]
        return Verdict(
            f"{_list(counts)} features at density {_list(_densities(parts))}",
            f"from {_list(spans)}" if len(results[0]["lost"]) > 1 else "one seed",
            counts[0] == dense and counts == sorted(counts) and counts[-1] >= at_least,
        )

    return judge


def top_only(count: int) -> Judge:
    """The best model keeps the first `count` features and no others, without superposition."""

    def judge(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
        wanted = [True] * count + [False] * (parts[0]["features"] - count)
        right = [kept(result).tolist() for result in results]
        seeds = [sum(row == wanted for row in rows) for rows in right]
        most = [
            max(np.asarray(result["superposition"])[best(result)][:count]) for result in results
        ]
        good = [kept(r)[best(r)].tolist() == wanted and m < 0.05 for r, m in zip(results, most)]  # noqa: B905
        return Verdict(
            f"top {count} only at {sum(good)} of {len(good)} densities; superposition at most "
            f"{max(most):.2f}",
            f"{_list(seeds)} of {len(results[0]['lost'])} seeds at density "
            f"{_list(_densities(parts))}",
            all(good),
        )

    return judge


def phases(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """The best seed of nearly every cell answers as the closed form says."""
    (result,) = results
    trained, expected = np.asarray(result["trained"]), np.asarray(result["expected"])
    differ = trained != expected
    agreeing = np.asarray(result["agreeing_seeds"])
    return Verdict(
        f"{1 - differ.mean():.1%} of {differ.size} cells as in closed form; "
        f"{differ.sum()} differ, {(differ & ~on_the_boundary(expected)).sum()} of them inside",
        f"on average {agreeing.mean():.0%} of the seeds end where the best one does",
        bool(differ.mean() <= 0.05 and not np.any(differ & ~on_the_boundary(expected))),
    )


def on_the_boundary(answers: np.ndarray) -> np.ndarray:
    """Which cells of a grid touch a cell with another answer, also at a corner."""
    padded = np.pad(answers, 1, mode="edge")
    rows, columns = answers.shape
    touching = np.zeros(answers.shape, bool)
    for i in range(3):
        for j in range(3):
            touching |= padded[i : i + rows, j : j + columns] != answers
    return touching


def per_feature(part: Parameters, result: Result) -> np.ndarray:
    """Dimensions per feature, d / ‖W‖², of every seed."""
    return part["neurons"] / np.sum(np.square(result["norms"]), axis=1)


def sticks_at(value: float) -> Judge:
    """The ratio d / ‖W‖² rests at a value while the density changes."""

    def judge(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
        every = [per_feature(part, result) for part, result in zip(parts, results, strict=True)]
        ratios = [seeds[best(result)] for seeds, result in zip(every, results, strict=True)]
        near = [abs(ratio - value) <= 0.05 for ratio in ratios]
        densities = _densities(parts)
        runs = [d for d, is_near in zip(densities, near, strict=True) if is_near]
        starts_right = value < 1 or near[0]
        return Verdict(
            f"{_list([f'{r:.2f}' for r in ratios])} at density {_list(densities)}",
            "one seed" if len(every[0]) == 1 else f"from {_list([_spread(s) for s in every])}",
            bool(starts_right and len(runs) > 1 and runs[0] / runs[-1] >= 1.15),
        )

    return judge


def on_the_fractions(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """Most dimensionalities are close to that of a known shape."""
    shares = []
    for result in results:
        values = np.asarray(result["dimensionality"])[kept(result)]
        shares.append(fraction_share(values))
    values = np.concatenate([np.asarray(r["dimensionality"])[kept(r)] for r in results])
    return Verdict(
        f"{fraction_share(values):.0%} of {len(values)} features",
        f"{_list([f'{share:.0%}' for share in shares])} at density {_list(_densities(parts))}",
        fraction_share(values) >= 0.5,
    )


def fraction_share(values: np.ndarray, within: float = 0.02) -> float:
    """The share of values that lie within a distance of one of the fractions; 0 of no values."""
    if not values.size:
        return 0.0
    distance = np.abs(values[:, None] - np.asarray(FRACTIONS)).min(axis=1)
    return float(np.mean(distance <= within))


def exact_fractions(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """Every corner of every shape has the shape's fraction."""
    shares = [np.asarray(result["dimensionality"]) for result in results]
    largest = max(float(np.abs(s - f).max()) for s, f in zip(shares, FRACTIONS, strict=True))
    return Verdict(
        _list([f"{share.mean():.3f}" for share in shares]),
        f"largest error {largest:.0e}",
        largest < 1e-5,
    )


def grown_fractions(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
    """The best model of each size has the shape's fraction, in every feature.

    The mean would say nothing: dimensionalities that use up all of d add up to d in any shape.
    """
    shares = [np.asarray(result["dimensionality"]) for result in results]
    there = [
        np.all(np.abs(share - fraction) < 0.03, axis=1)
        for share, fraction in zip(shares, FRACTIONS, strict=True)
    ]
    right = [bool(rows[best(result)]) for rows, result in zip(there, results, strict=True)]
    spans = [_spread(share[best(result)]) for share, result in zip(shares, results, strict=True)]
    return Verdict(
        f"{sum(right)} of {len(right)}: D = {_list(spans)}",
        f"{_list([int(rows.sum()) for rows in there])} of {parts[0]['seeds']} seeds",
        all(right),
    )


def cosines_within(low: float, high: float) -> Judge:
    """The best model has the cosine of every pair between two limits."""

    def judge(parts: Sequence[Parameters], results: Sequence[Result]) -> Verdict:
        (result,) = results
        within = np.asarray(result["within"])
        inside = np.all((within >= low - 1e-3) & (within <= high + 1e-3), axis=1)
        return Verdict(
            f"cosines {_list([f'{c:.2f}' for c in within[best(result)]])}",
            f"{inside.sum()} of {len(inside)} seeds",
            bool(inside[best(result)]),
        )

    return judge


def _densities(parts: Sequence[Parameters]) -> list[float]:
    return [part["density"] for part in parts]


def _names(which: np.ndarray) -> str:
    return "features " + _list(np.flatnonzero(which) + 1)


def _agree(result: Result) -> str:
    """How many seeds keep the features that the best one keeps."""
    rows = kept(result)
    same = int(np.all(rows == rows[best(result)], axis=1).sum())
    return f"{same} of {len(rows)} seeds keep the same"


def _span(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _spread(values: np.ndarray) -> str:
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


def _list(values: Sequence[object] | np.ndarray) -> str:
    return ", ".join(str(value) for value in values).replace("-", "−")
