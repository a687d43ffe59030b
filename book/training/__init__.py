"""How every model of the book is trained: one loop, for one run or for many.

`loop` is the training step and the loop over steps, pure functions of one run.
`many` lifts them over runs, and over hours: side by side or in turn, on the devices there are,
with a progress bar, and going on where an interrupted training stood.
"""

from book.training.draws import uniform
from book.training.loop import Loss, Parameters, Run, advance, append, begin, train
from book.training.many import train_many

__all__ = [
    "Loss",
    "Parameters",
    "Run",
    "advance",
    "append",
    "begin",
    "train",
    "train_many",
    "uniform",
]
