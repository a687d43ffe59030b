"""The one error that a badly described figure raises."""


class FigureError(ValueError):
    """A figure is described badly: the message names the figure and what to change."""
