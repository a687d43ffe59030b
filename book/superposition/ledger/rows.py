"""The rows of the ledger, in the order in which the paper has them."""

from book.superposition.ledger import judges
from book.superposition.ledger.experiments import pairs, phase_grid, shape, toy
from book.superposition.ledger.row import Parameters, Row

FIVE = {"features": 5, "neurons": 2, "decay": 0.9}
FIVE_SMALL = {**FIVE, "seeds": 10, "steps": 2500, "batch": 256}
FIVE_FULL = {**FIVE, "seeds": 20, "steps": 8000, "batch": 1024}

DENSITIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)

TWENTY = {"features": 20, "neurons": 5, "decay": 0.7}
TWENTY_SMALL = {**TWENTY, "seeds": 3, "steps": 1200, "batch": 256}
TWENTY_FULL = {**TWENTY, "seeds": 5, "steps": 5000, "batch": 1024}

EIGHTY = {"features": 80, "neurons": 20, "decay": 0.9}
EIGHTY_SMALL = {**EIGHTY, "seeds": 1, "steps": 1200, "batch": 256}
EIGHTY_FULL = {**EIGHTY, "seeds": 3, "steps": 4000, "batch": 512}

GEOMETRY_SMALL = [
    {"features": 200, "neurons": 20, "decay": 1.0, "seeds": 1, "steps": 700, "batch": 256}
    | {"density": density}
    for density in (1.0, 0.7, 0.4, 0.35, 0.3, 0.2, 0.1, 0.05)
]
GEOMETRY_FULL = [
    {"features": 400, "neurons": 30, "decay": 1.0, "seeds": 3, "steps": 2500, "batch": 512}
    | {"density": density}
    for density in (1.0, 0.8, 0.65, 0.5, 0.42, 0.37, 0.33, 0.29, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05)
]

SHAPES = ("orthogonal", "tetrahedron", "triangle", "digon", "pentagon", "square antiprism")
#: Features, neurons and density at which a shape is the best that a model of this size can do.
GROWN = ((3, 3, 0.3), (4, 3, 0.1), (3, 2, 0.1), (2, 1, 0.1), (5, 2, 0.05), (8, 3, 0.05))


def over(densities: tuple[float, ...], base: Parameters) -> list[Parameters]:
    """One part for every density."""
    return [{**base, "density": density} for density in densities]


def paired(number: int, density: float, together: bool, full: bool) -> list[Parameters]:
    """One part: so many pairs of features in two neurons."""
    size = (
        {"seeds": 20, "steps": 6000, "batch": 1024}
        if full
        else {"seeds": 8, "steps": 1500, "batch": 256}
    )
    return [{"pairs": number, "neurons": 2, "density": density, "together": together, **size}]


FIVE_CELL = "Five features in two neurons"
MANY_CELL = "Twenty features in five neurons, eighty in twenty"
PHASE_CELL = "Two features in one neuron"
GEOMETRY_CELL = "Many equal features"
SHAPES_CELL = "The shapes"
PAIRS_CELL = "Features that come in pairs"

INTRODUCTION = "Introduction"
RESULTS = "Basic Results"
PHASE = "Superposition as a Phase Change"
UNIFORM = "Uniform Superposition"
CORRELATED = "Correlated and Anticorrelated Features"

ROWS = (
    Row(
        id="five-dense",
        claim="n = 5, d = 2, dense: two features at a right angle",
        paper="sparsity 0: the two most important features, orthogonal",
        section=INTRODUCTION,
        tolerance="best keeps features 1 and 2 only, |cosine| < 0.05, ‖W‖² = 2 ± 0.05",
        experiment=toy,
        small=over((1.0,), FIVE_SMALL),
        full=over((1.0,), FIVE_FULL),
        judge=judges.two_at_a_right_angle,
        cell=FIVE_CELL,
    ),
    Row(
        id="five-digons",
        claim="n = 5, d = 2, sparser: four features as two digons",
        paper="sparsity 0.8: the four most important, as antipodal pairs",
        section=INTRODUCTION,
        tolerance="best keeps features 1 to 4 only, two cosines below -0.95",
        experiment=toy,
        small=over((0.2,), FIVE_SMALL),
        full=over((0.2,), FIVE_FULL),
        judge=judges.two_digons,
        cell=FIVE_CELL,
    ),
    Row(
        id="five-pentagon",
        claim="n = 5, d = 2, sparse: five features as a pentagon",
        paper="sparsity 0.9: all five features, as a pentagon",
        section=INTRODUCTION,
        tolerance="best keeps all five, every dimensionality within 0.05 of 2/5",
        experiment=toy,
        small=over((0.1,), FIVE_SMALL),
        full=over((0.1,), FIVE_FULL),
        judge=judges.pentagon,
        cell=FIVE_CELL,
    ),
    Row(
        id="twenty-relu",
        claim="n = 20, d = 5, ReLU: more features, the sparser they are",
        paper="dense: the top five; then more and more, in superposition",
        section=RESULTS,
        tolerance="best keeps 5 when dense, never fewer when sparser, at least 10 in the end",
        experiment=toy,
        small=over(DENSITIES[:5], TWENTY_SMALL),
        full=over(DENSITIES, TWENTY_FULL),
        judge=judges.more_and_more(5, 10),
        cell=MANY_CELL,
    ),
    Row(
        id="twenty-linear",
        claim="n = 20, d = 5, linear: the top five, at every sparsity",
        paper="the linear model learns the top features and nothing else",
        section=RESULTS,
        tolerance="best keeps features 1 to 5 only, superposition below 0.05 each, everywhere",
        experiment=toy,
        small=over(DENSITIES[:5], {**TWENTY_SMALL, "model": "linear"}),
        full=over(DENSITIES, {**TWENTY_FULL, "model": "linear"}),
        judge=judges.top_only(5),
        cell=MANY_CELL,
    ),
    Row(
        id="eighty-relu",
        claim="n = 80, d = 20, ReLU: more features, the sparser they are",
        paper="the same picture as for n = 20",
        section=RESULTS,
        tolerance="keeps 20 when dense, never fewer when sparser, at least 40 in the end",
        experiment=toy,
        small=over(DENSITIES[:5], EIGHTY_SMALL),
        full=over(DENSITIES, EIGHTY_FULL),
        judge=judges.more_and_more(20, 40),
        cell=MANY_CELL,
    ),
    Row(
        id="eighty-linear",
        claim="n = 80, d = 20, linear: the top twenty, at every sparsity",
        paper="the same picture as for n = 20",
        section=RESULTS,
        tolerance="best keeps features 1 to 20 only, superposition below 0.05 each, everywhere",
        experiment=toy,
        small=over(DENSITIES[:5:2], {**EIGHTY_SMALL, "model": "linear"}),
        full=over(DENSITIES, {**EIGHTY_FULL, "model": "linear"}),
        judge=judges.top_only(20),
        cell=MANY_CELL,
    ),
    Row(
        id="phase",
        claim="n = 2, d = 1: where keeping both features begins to win",
        paper="a phase diagram of three answers; first-order boundaries between them",
        section=PHASE,
        tolerance="95 % of the cells as in closed form; those that differ touch the boundary",
        experiment=phase_grid,
        small=[{"cells": 20, "seeds": 6, "steps": 400, "points": 12}],
        full=[{"cells": 40, "seeds": 10, "steps": 800, "points": 20}],
        judge=judges.phases,
        cell=PHASE_CELL,
    ),
    Row(
        id="sticky-one",
        claim="many equal features: one dimension each when dense",
        paper="n = 400, d = 30: d / ‖W‖² starts at 1 and stays there for a while",
        section=UNIFORM,
        tolerance="1 ± 0.05 at density 1, and at one more density at least",
        experiment=toy,
        small=GEOMETRY_SMALL,
        full=GEOMETRY_FULL,
        judge=judges.sticks_at(1.0),
        cell=GEOMETRY_CELL,
    ),
    Row(
        id="sticky-half",
        claim="many equal features: half a dimension each, for a while",
        paper="n = 400, d = 30: d / ‖W‖² sticks at 1/2, antipodal pairs",
        section=UNIFORM,
        tolerance="1/2 ± 0.05 at two densities in a row at least, a factor of 1.15 or more apart",
        experiment=toy,
        small=GEOMETRY_SMALL,
        full=GEOMETRY_FULL,
        judge=judges.sticks_at(0.5),
        cell=GEOMETRY_CELL,
    ),
    Row(
        id="clusters",
        claim="many equal features: dimensionalities sit on the fractions of the shapes",
        paper="clusters at 1, 3/4, 2/3, 1/2, 2/5 and 3/8, with some in between",
        section=UNIFORM,
        tolerance="half of all features longer than 1/2 within 0.02 of one of the six fractions",
        experiment=toy,
        small=GEOMETRY_SMALL,
        full=GEOMETRY_FULL,
        judge=judges.on_the_fractions,
        cell=GEOMETRY_CELL,
    ),
    Row(
        id="shapes-exact",
        claim="the dimensionality of six known shapes",
        paper="1, 3/4, 2/3, 1/2, 2/5, 3/8",
        section=UNIFORM,
        tolerance="0.00001",
        experiment=shape,
        small=[{"name": name} for name in SHAPES],
        full=[{"name": name} for name in SHAPES],
        judge=judges.exact_fractions,
        cell=SHAPES_CELL,
    ),
    Row(
        id="shapes-grown",
        claim="the same six shapes, grown by training small models",
        paper="trained models arrange features in these shapes",
        section=UNIFORM,
        tolerance="best: every dimensionality within 0.03 of the fraction, for each shape",
        experiment=toy,
        small=[
            {"features": n, "neurons": d, "density": p, "decay": 1.0}
            | {"seeds": 6, "steps": 1000, "batch": 256}
            for n, d, p in GROWN
        ],
        full=[
            {"features": n, "neurons": d, "density": p, "decay": 1.0}
            | {"seeds": 20, "steps": 6000, "batch": 1024}
            for n, d, p in GROWN
        ],
        judge=judges.grown_fractions,
        cell=SHAPES_CELL,
    ),
    Row(
        id="correlated",
        claim="two correlated pairs, d = 2: within a pair, right angles",
        paper="correlated features are orthogonal to each other",
        section=CORRELATED,
        tolerance="best: |cosine| within each pair below 0.1",
        experiment=pairs,
        small=paired(2, 0.05, True, False),
        full=paired(2, 0.05, True, True),
        judge=judges.cosines_within(-0.1, 0.1),
        cell=PAIRS_CELL,
    ),
    Row(
        id="anticorrelated",
        claim="two anticorrelated pairs, d = 2: within a pair, opposite directions",
        paper="anticorrelated features are antipodal",
        section=CORRELATED,
        tolerance="best: cosine within each pair below -0.95",
        experiment=pairs,
        small=paired(2, 0.05, False, False),
        full=paired(2, 0.05, False, True),
        judge=judges.cosines_within(-1.0, -0.95),
        cell=PAIRS_CELL,
    ),
    Row(
        id="crowded",
        claim="three correlated pairs, d = 2: side by side, no room for right angles",
        paper="correlated features lie side by side when there is no room",
        section=CORRELATED,
        tolerance="best: cosine within each pair above 0.2",
        experiment=pairs,
        small=paired(3, 0.05, True, False),
        full=paired(3, 0.05, True, True),
        judge=judges.cosines_within(0.2, 1.0),
        cell=PAIRS_CELL,
    ),
    Row(
        id="collapsed",
        claim="three correlated pairs, d = 2, denser: a pair becomes one direction",
        paper="less sparse, correlated features collapse into their principal component",
        section=CORRELATED,
        tolerance="best: cosine within each pair above 0.95",
        experiment=pairs,
        small=paired(3, 0.4, True, False),
        full=paired(3, 0.4, True, True),
        judge=judges.cosines_within(0.95, 1.0),
        cell=PAIRS_CELL,
    ),
)
