"""The live face: widgets, what a move changes, and training on an event loop."""

import asyncio
import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from book.interactive import widget
from book.interactive.drawing import drawn
from book.interactive.widget import View
from tests.interactive import examples


@pytest.fixture(autouse=True)
def in_a_notebook(monkeypatch):
    """A person works in a notebook, so nothing is compiled to JavaScript."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook")


def on_a_loop(coroutine):
    """Runs a coroutine to its end on an event loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def caption_of(view):
    return re.search(r'<p class="caption" aria-live="polite">(.*?)</p>', view.caption.value)[1]


def test_a_display_offers_the_widget_a_picture_and_words():
    figure = examples.vector_sum()
    bundle = figure._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "<svg" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert bundle["text/plain"] == repr(figure)


def test_a_move_changes_picture_and_caption_in_place():
    figure = examples.vector_sum().drawn
    view = View(figure)
    before, widgets = view.picture.value, list(view.widget.children)
    view.controls["angle"].value = 120
    assert view.picture.value != before
    shown = figure.shown(None, figure.description.values({"angle": 120}))
    assert caption_of(view) == str(shown.sentence)
    assert figure.picture(shown) in view.picture.value
    assert list(view.widget.children) == widgets
    view.controls["angle"].value = 90
    assert view.picture.value == before


def test_controls_show_range_step_format_and_unit():
    view = View(examples.vector_sum().drawn)
    angle, red = view.controls["angle"], view.controls["red"]
    assert (angle.min, angle.max, angle.step, angle.value) == (0, 180, 1, 90)
    assert angle.description == "Angle between the directions (°)"
    assert (red.readout_format, red.step) == (".2f", 0.01)


def test_a_choice_is_a_list_of_names():
    view = View(examples.everything().drawn)
    view.controls["model"].value = "identity"
    assert "model identity: the cells sum to +5.00" in caption_of(view)


def test_two_displays_of_one_figure_move_on_their_own():
    figure = examples.vector_sum().drawn
    first, second = View(figure), View(figure)
    before = second.picture.value
    first.controls["red"].value = 0.1
    assert second.picture.value == before


def test_a_learner_who_runs_the_cell_again_sees_the_edited_function():
    def changed(red, size, angle):
        return {name: 2 * array for name, array in original(red, size, angle).items()}

    figure = examples.vector_sum().drawn
    original = figure.description.compute
    edited = drawn(dataclasses.replace(figure.description, compute=changed))
    assert View(edited).picture.value != View(figure).picture.value


def test_steps_one_by_one_equal_a_run_and_reset_goes_back():
    view = View(examples.descent().drawn)
    trainer, first = view.trainer, view.picture.value
    for _ in range(5):
        trainer.step.click()
    assert trainer.counter.value == "Step 5"
    alone = np.asarray(trainer.state["at"])
    trainer.reset.click()
    assert trainer.counter.value == "Step 0"
    assert view.picture.value == first
    trainer.advance(5)
    assert np.allclose(trainer.state["at"], alone, atol=1e-6)


def test_running_trains_until_paused_and_finishes_by_itself(monkeypatch):
    monkeypatch.setattr(widget, "REST", 0.001)
    view = View(examples.descent().drawn)
    trainer = view.trainer

    async def scenario():
        trainer.run.click()
        assert trainer.run.description == "Pause"
        while trainer.task and trainer.count < 10:
            await asyncio.sleep(0)
        trainer.run.click()
        paused = trainer.count
        assert trainer.run.description == "Run"
        await asyncio.sleep(0.05)
        assert trainer.count == paused
        view.controls["rate"].value = 0.2
        assert trainer.count == paused
        trainer.run.click()
        while trainer.task:
            await asyncio.sleep(0)
        assert trainer.counter.value == "Step 200, finished"
        assert trainer.run.description == "Run"
        view.controls["seed"].value = 4
        assert trainer.counter.value == "Step 0"

    on_a_loop(scenario())


def test_an_error_while_training_is_not_swallowed(monkeypatch):
    monkeypatch.setattr(widget, "REST", 0.001)
    view = View(examples.descent().drawn)
    trainer = view.trainer

    async def scenario():
        trainer.run.click()
        task = trainer.task
        view.show = None  # the next picture fails
        with pytest.raises(TypeError):
            await task
        assert trainer.run.description == "Run"

    on_a_loop(scenario())
