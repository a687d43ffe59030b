"""The command `python -m book.site`."""

import argparse
import sys
from pathlib import Path

from book.site.build import BuildError, build, update
from book.site.serve import serve


def main() -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m book.site",
        description="Build the book's site, or serve it locally and build it again on a change.",
        epilog="update is what serve does on a change: it builds in _build/serve what was edited.",
    )
    parser.add_argument("command", nargs="?", choices=["build", "serve", "update"], default="build")
    parser.add_argument(
        "--port", type=int, help="serve on this port (default: the first free one from 8000)"
    )
    arguments = parser.parse_args()
    if arguments.port is not None and arguments.command != "serve":
        parser.error("--port belongs to serve: python -m book.site serve --port 8080")
    root = Path.cwd()
    try:
        if arguments.command == "serve":
            serve(root, arguments.port)
        elif arguments.command == "update":
            update(root)
        else:
            build(root)
    except BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
