"""What is fast, measured: `python -m tests.benchmarks [names]`, all of them without a name.

Every ratio is between contenders that took turns in one run, and is the median over the turns of
the ratio within a turn: machines change their speed, and a turn is short.
"""

import argparse
import importlib
import os

import jax

NAMES = {
    "toy": "the toy model against PyTorch, three sizes",
    "phase": "the phase diagram against PyTorch, and by quadrature",
    "autoencoder": "the sparse autoencoder against PyTorch",
    "grading": "twenty notebooks against nbgrader's autograder, and two workers against one",
    "browser": "a compiled training step in the browser against steps written by hand",
}


def main() -> None:
    """Runs the benchmarks that are named."""
    about = "\n".join(f"  {name:12} {what}" for name, what in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        epilog=f"names:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help="which of them (all, if none is named)")
    names = parser.parse_args().names or list(NAMES)
    for name in names:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(NAMES)}")
    jax.config.update("jax_num_cpu_devices", os.cpu_count())  # one for each core
    for name in names:
        importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()
