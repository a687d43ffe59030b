"""What is fast, measured: `python -m tests.benchmarks [names]`, all of them without a name.

A benchmark is a module of this folder whose `main` prints what it measured and returns the
promises that it measured. At the end stands a table of them all.
"""

import argparse
import importlib
import os
import sys

import jax

from tests.benchmarks.promises import table

NAMES = {
    "toy": "the toy model against PyTorch, three sizes",
    "phase": "the phase diagram against PyTorch, and by quadrature",
    "autoencoder": "the sparse autoencoder against PyTorch",
    "grading": "twenty notebooks against nbgrader's autograder, and two workers against one",
    "checks": "the first check of a fresh kernel, at the second start of a machine",
    "browser": "a compiled training step in the browser against steps written by hand",
    "build": "building the book against building its first edition, cold and compiled before",
    "tests": "testing the book against testing its first edition",
}


def main(arguments: list[str]) -> int:
    """Runs the benchmarks that are named; 1 if one of the promises is missed."""
    about = "\n".join(f"  {name:12} {what}" for name, what in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        epilog=f"names:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help="which of them (all, if none is named)")
    names = parser.parse_args(arguments).names or list(NAMES)
    for name in names:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(NAMES)}")
    promises = []
    for name in names:
        try:
            promises += importlib.import_module(f"tests.benchmarks.{name}").main()
        except ModuleNotFoundError as missing:
            if missing.name != "torch":
                raise
            parser.error(f"the benchmark {name!r} needs PyTorch: 'make benchmark' installs it")
    print(f"\n{table(promises)}")
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    jax.config.update("jax_num_cpu_devices", os.cpu_count())  # one for each core
    sys.exit(main(sys.argv[1:]))
