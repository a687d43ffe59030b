"""What both sides of a race train with: the setup of the paper's notebook."""

import optax

BATCH, RATE, DECAY = 1024, 1e-3, 1e-2
OPTIMIZER = optax.adamw(RATE, weight_decay=DECAY)
SHARED = "the book's models share their draws, PyTorch's have their own"
