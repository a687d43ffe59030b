"""The programs that tests drive: where they are, and how those that are missing come here.

`python -m tests.programs` installs what is missing as root and in CI, asks before it does so at a
terminal, and otherwise says the line to paste. It needs Python and no package.
"""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass

# The first is the same engine without windows, and opens a page in half the time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@dataclass(frozen=True)
class Manager:
    """How a system installs its packages."""

    program: str
    install: str
    browsers: tuple[str, ...] = ("chromium",)
    """The packages with a Chromium: the first that `show` knows is taken, else the last."""
    show: str = ""
    update: str = ""
    as_root: bool = True

    def browser(self) -> str:
        """The package of a browser on this system."""
        for name in self.browsers[:-1]:
            command = [*shlex.split(self.show), name]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return name
        return self.browsers[-1]

    def commands(self, lacking: list[str]) -> list[list[str]]:
        """What installs these; a "browser" is a package of one."""
        sudo = ["sudo"] if self.as_root and not is_root() else []
        names = [self.browser() if name == "browser" else name for name in lacking]
        update = [[*sudo, *shlex.split(self.update)]] if self.update else []
        return [*update, [*sudo, *shlex.split(self.install), *names]]


MANAGERS = (
    Manager(
        "apt-get",
        "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends",
        browsers=("chromium-headless-shell", "chromium-browser", "chromium"),
        show="apt-cache show",
        update="apt-get update",
    ),
    Manager("dnf", "dnf install --assumeyes"),
    Manager("zypper", "zypper --non-interactive install"),
    Manager("pacman", "pacman --sync --refresh --noconfirm"),
    Manager("brew", "brew install --cask", browsers=("google-chrome",), as_root=False),
)


def is_root() -> bool:
    """Whether this process may do everything."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def find_browser() -> str:
    """The path of a Chromium: `$CHROME_PATH` if set, else the first of `BROWSERS` that is there.

    Raises:
        FileNotFoundError: no browser is there; the message says how to get one.
    """
    chosen = os.environ.get("CHROME_PATH")
    for name in [chosen] if chosen else BROWSERS:
        path = shutil.which(name)
        if path is not None:
            return path
    found = f"CHROME_PATH is {chosen!r}, which is no program" if chosen else "no Chromium is found"
    raise FileNotFoundError(
        f"The tests drive a real browser, and {found}. 'make test' gets one where CHROME_PATH is "
        "not set; or set it to the program of a Chromium or Chrome that is already there."
    )


def missing() -> list[str]:
    """What this machine lacks: a "browser", and on Linux "bubblewrap" for the grader's sandbox."""
    lacking = [] if any(map(shutil.which, BROWSERS)) else ["browser"]
    if os.environ.get("CHROME_PATH"):
        find_browser()
        lacking = []
    if sys.platform == "linux" and shutil.which("bwrap") is None:
        lacking.append("bubblewrap")
    return lacking


def agreed(line: str) -> bool:
    """Whether the packages may be installed: root and CI need not be asked, nobody cannot be."""
    if is_root() or os.environ.get("CI") == "true":
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input(f"Run this now?\n\n    {line}\n\n[y/N] ").strip().lower() in ("y", "yes")


def ran(command: list[str]) -> bool:
    """Whether a command could be run and succeeded; it is shown first."""
    print(shlex.join(command), flush=True)
    return (
        shutil.which(command[0]) is not None and not subprocess.run(command, check=False).returncode
    )


def main() -> int:
    """Install what is missing, or say how; the status is 0 where nothing is missing any more."""
    try:
        lacking = missing()
    except FileNotFoundError as error:
        print(error)
        return 1
    if not lacking:
        return 0
    print(f"The tests drive programs that are not here: {', '.join(lacking)}.", flush=True)
    manager = next((one for one in MANAGERS if shutil.which(one.program)), None)
    if manager is None:
        known = ", ".join(one.program for one in MANAGERS)
        print(f"None of {known} is here to install them. Install them, and run it again.")
        return 1
    line = " && ".join(map(shlex.join, manager.commands(lacking)))
    if not agreed(line):
        print(f"Paste this line, and run it again:\n\n    {line}\n")
        return 1
    *before, _ = manager.commands(lacking)
    # Which browser there is, is known after the update.
    if not all(map(ran, before)) or not ran(manager.commands(lacking)[-1]):
        print(f"That failed. Mend it, or paste this line yourself:\n\n    {line}\n")
        return 1
    if missing():
        print(f"Installed, and yet not on PATH: {', '.join(missing())}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
