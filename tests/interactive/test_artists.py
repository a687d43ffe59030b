"""Artists: our geometry against matplotlib's own, labels, and misuse."""

import math
import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure as Drawing

from book.interactive import (
    FigureError,
    bars,
    drawing,
    geometry,
    heat_map,
    lines,
    plane,
    points,
    text,
    vectors,
)
from book.interactive.caption import fill
from book.interactive.description import Description
from book.interactive.panel import ARROW
from book.interactive.patch import patches, room


def drawn(draw, **arrays):
    """Draws one panel; returns it, what the arrays set in it, and the SVG."""
    arrays = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
    described = Description(
        lambda: arrays, draw, lambda: "Words.", name="example", alt="A picture.", sliders={}
    )
    made = drawing.drawn(described)
    (panel,) = made.panels
    changes = patches(made.panels, made.numbers(made.first))
    return panel, changes, ElementTree.fromstring(made.picture(made.first))


def coordinates(path):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", path)]


def native(root, color):
    """The coordinates of matplotlib's own path in this colour."""
    found = [e for e in root.iter("path") if color in (e.get("stroke"), e.get("fill"))]
    return [coordinates(element.get("d")) for element in found]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_line_lies_where_matplotlib_puts_it(scale):
    x = np.linspace(0.1, 3, 12)
    y = np.exp(-x)

    def draw(ax):
        lines(ax, "curve")
        ax.plot(x, y, color="#123456")
        ax.set(xscale=scale, yscale=scale, xlim=(0.05, 4), ylim=(0.01, 2))

    _, changes, root = drawn(draw, curve=np.stack([x, y], -1))
    (_, _, path), (theirs,) = changes[0], native(root, "#123456")
    assert coordinates(path) == pytest.approx(theirs, abs=0.06)


def test_several_lines_are_the_slices_of_the_array():
    array = np.random.default_rng(0).normal(size=(3, 5, 2))
    _, changes, _ = drawn(lambda ax: lines(ax, "curves"), curves=array)
    assert len(changes) == 3
    _, alone, _ = drawn(lambda ax: lines(ax, "curve"), curve=array[1])
    assert changes[1][2] == alone[0][2]


@pytest.mark.parametrize("positions", [None, (0, 1, 2), np.arange(3)])
def test_bars_lie_where_matplotlib_puts_them(positions):
    heights = np.array([1.0, 2.5, -0.5])

    def draw(ax):
        bars(ax, "heights", positions=positions, width=0.6)
        ax.bar(range(3), heights, width=0.6, color="#123456")
        ax.set_ylim(-1, 3)

    _, changes, root = drawn(draw, heights=heights)
    corners = np.concatenate([np.reshape(c, (-1, 2))[:4] for c in native(root, "#123456")])
    ours = re.findall(r"M(\S+) (\S+?)V(\S+?)H(\S+?)V", changes[0][2])
    for (left, bottom, top, right), theirs in zip(ours, corners.reshape(-1, 4, 2), strict=True):
        assert float(left) == pytest.approx(theirs[:, 0].min(), abs=0.06)
        assert float(right) == pytest.approx(theirs[:, 0].max(), abs=0.06)
        assert sorted([float(top), float(bottom)]) == pytest.approx(
            [theirs[:, 1].min(), theirs[:, 1].max()], abs=0.06
        )


@pytest.mark.parametrize("marker", ["o", "s", "D", "^", "X"])
def test_marks_have_the_size_and_the_place_of_matplotlibs(marker):
    spots = np.array([[0.2, 0.3], [0.8, 0.6]])

    def draw(ax):
        points(ax, "spots", marker=marker, size=8)
        ax.plot(*spots.T, marker, ms=8, mew=0, color="#123456")
        ax.set(xlim=(0, 1), ylim=(0, 1))

    _, changes, root = drawn(draw, spots=spots)
    moves = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", changes[0][2])
    uses = [e for e in root.iter("use") if e.get("fill") == "#123456"]
    for (x, y), use in zip(moves, uses, strict=True):
        assert float(x) == pytest.approx(float(use.get("x")), abs=0.06)
        assert float(y) == pytest.approx(float(use.get("y")), abs=0.06)
    if marker != "o":
        steps = re.findall(r"[ml](-?[\d.]+) (-?[\d.]+)", changes[0][2].split("M")[1])
        corners = np.cumsum(np.array(steps, float), axis=0)
        shape = next(e for e in root.iter("path") if e.get("id") == use.get("href")[1:])
        theirs = np.reshape(coordinates(shape.get("d")), (-1, 2))
        assert corners.min(0) == pytest.approx(theirs.min(0), abs=0.02)
        assert corners.max(0) == pytest.approx(theirs.max(0), abs=0.02)


@pytest.mark.parametrize("name", ["viridis", "RdBu"])
def test_a_named_colour_map_has_matplotlibs_colours(name):
    values = np.linspace(-1.5, 2.5, 40)
    _, changes, _ = drawn(lambda ax: heat_map(ax, "m", vmin=-1, vmax=2, cmap=name), m=values[None])
    for value, (_, _, style) in zip(values, changes, strict=True):
        ours = [int(x) for x in re.findall(r"\d+", style)]
        theirs = 255 * np.array(matplotlib.colormaps[name](np.clip((value + 1) / 3, 0, 1))[:3])
        assert np.abs(ours - theirs).max() < 8


def test_two_hues_fade_to_the_background_at_zero():
    _, changes, root = drawn(
        lambda ax: heat_map(ax, "m", vmin=-2, vmax=1), m=[[-2.0, -1.0], [0.0, 1.0]]
    )
    assert [value for _, _, value in changes] == [
        "fill:var(--figure-blue);fill-opacity:100%",
        "fill:var(--figure-blue);fill-opacity:50%",
        "fill:var(--figure-blue);fill-opacity:0%",
        "fill:var(--figure-vermilion);fill-opacity:100%",
    ]
    cells = [e.get("d") for e in root.iter("path") if e.get("data-slot")]
    first, below = coordinates(cells[0]), coordinates(cells[2])
    assert min(below[1::2]) == pytest.approx(max(first[1::2]))  # the first row is on top


def test_words_stand_where_they_should_and_follow_an_array():
    def draw(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        text(ax, "loss", at="spot", format="loss {:.1f}", offset=(0, 10))
        ax.plot([0.25], [0.5], "o", color="#123456")

    _, changes, root = drawn(draw, loss=2.25, spot=[0.25, 0.5])
    use = next(e for e in root.iter("use") if e.get("fill") == "#123456")
    (_, _, moved), (_, _, words) = changes
    assert words == "loss 2.2"
    x, y = coordinates(moved)
    assert (x, y + 10) == pytest.approx((float(use.get("x")), float(use.get("y"))), abs=0.06)


PLACES = st.floats(0, 200)


@given(PLACES, PLACES, PLACES, PLACES)
def test_an_arrow_ends_at_its_tip_and_its_head_never_exceeds_it(x0, y0, x1, y1):
    start, tip = (tuple(map(np.array, ([x], [y]))) for x, y in ((x0, y0), (x1, y1)))
    with np.errstate(all="ignore"):
        columns = [column.tolist() for column in geometry.arrows(start, tip)]
    path = coordinates(fill(ARROW, columns)[0].replace("h", " "))
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 1:
        assert path[:2] == pytest.approx([x0, y0], abs=0.06)
        return
    tip = path[4:6]
    assert math.dist(tip, (x1, y1)) == pytest.approx(1, abs=0.15)  # half the line's width
    for corner in (path[6:8], path[8:10]):
        assert math.dist(corner, (x1, y1)) <= min(length, 10) + 0.2


SIZES = st.tuples(st.floats(8, 60), st.floats(8, 12))


@given(st.lists(st.tuples(PLACES, PLACES, SIZES), min_size=1, max_size=3))
def test_labels_stay_in_the_panel_and_off_arrowheads_and_each_other(arrows):
    axis = geometry.Axis(0, 1)
    axes = geometry.Axes(axis, axis, (0, 0, 200, 200))
    heads = [(x - 3, y - 3, x + 3, y + 3) for x, y, _ in arrows]
    boxes = list(heads)
    tips = tuple(np.array([arrow[:2] for arrow in arrows]).T)
    sizes, middle = np.array([size for *_, size in arrows]), np.full(len(arrows), 100.0)
    with np.errstate(all="ignore"):
        columns = geometry.labels(axes, (middle, middle), tips, sizes)
    for x, y, (width, height) in zip(*columns[:2], sizes, strict=True):
        room((x, y), width / 2, height / 2, axes.box, boxes)
    labels = boxes[len(heads) :]
    for left, top, right, bottom in labels:
        assert min(left, top) >= -1e-6
        assert max(right, bottom) <= 200 + 1e-6
    if len(arrows) == 1:
        (left, top, right, bottom), head = labels[0], heads[0]
        gaps = (head[0] - right, left - head[2], head[1] - bottom, top - head[3])
        assert max(gaps) >= -1e-6


def test_a_plane_is_square_without_a_box():
    def draw(ax):
        plane(ax, limit=2, xlabel="neuron 1", ylabel="neuron 2")
        vectors(ax, "v", label="v")

    panel, _, root = drawn(draw, v=[1.0, 1.0])
    assert panel.axes.x.factor == pytest.approx(-panel.axes.y.factor)
    assert [e.text for e in root.iter("text")] == ["1", "1", "neuron 1", "neuron 2", "v"]


def draw_twice(ax):
    vectors(ax, "v")
    vectors(ax, "v")


def draw_on_symlog(ax):
    vectors(ax, "v")
    ax.set_yscale("symlog")


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda ax: vectors(ax, "w"), "'w'.*does not return.*: k, m, v, x"),
        (lambda ax: vectors(ax, "m"), r"\(2,\) or \(k, 2\).*\(2, 3\)"),
        (lambda ax: lines(ax, "v"), r"\(points, 2\)"),
        (lambda ax: bars(ax, "m"), r"\(k,\)"),
        (lambda ax: heat_map(ax, "v"), r"\(rows, columns\)"),
        (lambda ax: text(ax, "v", at=(0, 0)), r"shape \(\)"),
        (draw_twice, "two artists"),
        (lambda ax: vectors(ax, "k", color=["red", "blue"]), "2 values as color.*3 parts"),
        (lambda ax: bars(ax, "v", positions=[1]), "1 positions.*2 heights"),
        (lambda ax: heat_map(ax, "m", vmin=1, vmax=1), "vmin < vmax"),
        (lambda ax: text(ax, "x", at=(0, 0), format="{:q}"), "'{:q}'"),
        (lambda ax: text(ax, "x", at="m"), r"\(2,\).*\(2, 3\)"),
        (draw_on_symlog, "symlog"),
    ],
)
def test_misuse_is_explained(draw, words):
    arrays = {"v": [1.0, 0.5], "m": np.ones((2, 3)), "k": np.ones((3, 2)), "x": 1.0}
    with pytest.raises(FigureError, match=f"figure 'example': .*{words}"):
        drawn(draw, **arrays)


def test_an_artist_outside_of_a_figure_is_explained():
    with pytest.raises(FigureError, match=r"ax\.plot"):
        vectors(Drawing().subplots(), "v")


def test_the_colours_of_a_line_and_its_label_follow_the_theme():
    _, _, root = drawn(lambda ax: vectors(ax, "v", color="#D55E00", label="v"), v=[0.5, 0.5])
    path = next(e for e in root.iter("path") if e.get("data-slot"))
    label = next(e for e in root.iter("text") if e.text == "v")
    assert path.get("stroke") == "var(--figure-vermilion)"
    assert label.get("fill") == "var(--figure-vermilion-text)"
