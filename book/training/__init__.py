"""How every model of the book is trained: one loop, for one run or for many.

`loop` is the training step and the loop over steps, pure functions of one run.
`many` lifts them over runs, and over hours: side by side or in turn, on the devices there are,
with a progress bar, and going on where an interrupted training stood.
"""

from .draws import uniform
from .loop import Loss, Parameters, Run, advance, begin, remember, train
from .many import train_many
from .progress import Progress

__all__ = [
    "Loss",
    "Parameters",
    "Progress",
    "Run",
    "advance",
    "begin",
    "remember",
    "train",
    "train_many",
    "uniform",
]
