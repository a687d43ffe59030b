"""`make test` gets the programs that it drives: with fake commands, as root, as a user, in CI."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import BROWSERS

ROOT = Path(__file__).parents[1]
INSTALL = "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends"
# Each writes down how it was called; what apt-get installs is a program afterwards.
FAKES = {
    "sudo": 'echo "sudo" >>"$LOG"; exec "$@"',
    "env": 'shift; exec "$@"',
    "apt-cache": 'case " $KNOWN " in *" $2 "*) exit 0;; esac; exit 100',
    "apt-get": """\
        echo "apt-get $*" >>"$LOG"
        [ "$1" = update ] && exit 0
        for name in "$@"; do
          case $name in
            install|-*) ;;
            bubblewrap) printf '#!/bin/sh\\n' >"$BIN/bwrap"; /bin/chmod +x "$BIN/bwrap" ;;
            *) printf '#!/bin/sh\\n' >"$BIN/$name"; /bin/chmod +x "$BIN/$name" ;;
          esac
        done""",
}
BOTH = "chromium-headless-shell chromium"

Run = Callable[..., tuple[int, str, list[str]]]


def write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `tests.programs` with nothing on PATH but fakes; status, text, and what was called."""
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    for name, script in FAKES.items():
        write(folder / name, script)

    def run(
        *here: str,
        root: bool = False,
        answer: str | None = None,
        known: str = BOTH,
        without: tuple[str, ...] = (),
        **variables: str,
    ) -> tuple[int, str, list[str]]:
        for name in here:
            write(folder / name, "")
        for name in without:
            (folder / name).unlink()
        # Only the kernel knows who is root, so the test says it to the module.
        code = (
            "import sys; from tests import programs; "
            f"programs.is_root = lambda: {root}; sys.platform = 'linux'; sys.exit(programs.main())"
        )
        variables |= {"PATH": str(folder), "BIN": str(folder), "LOG": str(log), "KNOWN": known}
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL if answer is None else theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        if answer is not None:
            os.write(ours, f"{answer}\n".encode())
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
        calls = log.read_text().splitlines() if log.exists() else []
        return process.wait(), shown.decode().replace("\r", ""), calls

    return run


@pytest.mark.parametrize("browser", BROWSERS[:3])
def test_where_nothing_is_missing_nothing_is_said_or_run(run: Run, browser: str) -> None:
    assert run(browser, "bwrap") == (0, "", [])


def test_root_is_not_asked(run: Run) -> None:
    status, _, calls = run(root=True)
    assert status == 0
    assert calls == [
        "apt-get update",
        "apt-get install --yes --no-install-recommends chromium-headless-shell bubblewrap",
    ]


def test_ci_takes_sudo_and_installs_only_what_is_missing(run: Run) -> None:
    status, _, calls = run("chromium", CI="true")
    assert status == 0
    install = "apt-get install --yes --no-install-recommends bubblewrap"
    assert calls == ["sudo", "apt-get update", "sudo", install]


@pytest.mark.parametrize(
    ("known", "package"), [("chromium", "chromium"), ("chromium-browser", "chromium-browser")]
)
def test_a_system_without_the_small_browser_gets_another(
    run: Run, known: str, package: str
) -> None:
    status, _, calls = run("bwrap", root=True, known=known)
    assert status == 0
    assert calls[-1].endswith(f" {package}")


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("", False), ("n", False)])
def test_at_a_terminal_sudo_is_asked_for(run: Run, answer: str, agreed: bool) -> None:
    status, shown, calls = run(answer=answer)
    line = f"sudo apt-get update && sudo {INSTALL} chromium-headless-shell bubblewrap"
    assert shown.count(line) == (1 if agreed else 2)
    assert "[y/N]" in shown
    assert (status == 0) == agreed
    assert bool(calls) == agreed


def test_without_a_terminal_the_end_is_the_line_to_paste(run: Run) -> None:
    status, shown, calls = run("chromium")
    assert (status, calls) == (1, [])
    assert "programs that are not here: bubblewrap." in shown
    assert f"\n    sudo apt-get update && sudo {INSTALL} bubblewrap\n" in shown


def test_a_failed_installation_ends_with_the_line(run: Run) -> None:
    status, shown, _ = run(without=("sudo",), CI="true")
    assert status == 1
    assert "That failed." in shown
    assert shown.rstrip().endswith("chromium-headless-shell bubblewrap")


def test_what_no_manager_can_install_is_named(run: Run) -> None:
    status, shown, _ = run(root=True, without=("apt-get",))
    assert status == 1
    assert "browser, bubblewrap" in shown
    assert "None of apt-get, dnf, zypper, pacman, brew is here" in shown


def test_a_chosen_browser_that_is_none_is_refused(run: Run) -> None:
    status, shown, calls = run("bwrap", root=True, CHROME_PATH="no-such-browser")
    assert (status, calls) == (1, [])
    assert "CHROME_PATH is 'no-such-browser', which is no program" in shown
