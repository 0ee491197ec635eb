"""The live line on a real terminal: it appears, it goes away, and pytest's own output is whole."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from slow_project import SHOUTED, examples, slow_down

if TYPE_CHECKING:
    from foreign_project import Project

ERASE = "\x1b[2K"
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run_on_a_terminal(project: Project, *arguments: str) -> str:
    """Run pytest as a terminal does, and return all that was written to it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MLFLOW_", "CI"))}
    settings = {
        "TECHNOSHARE_HOME": str(project.folder / ".home"),
        "MLFLOW_ENABLE_TRACKING": "false",
        "TERM": "xterm-256color",
        "COLUMNS": "100",
        "GITHUB_ACTIONS": "false",
    }
    mine, theirs = pty.openpty()
    with os.fdopen(mine, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=project.folder,
            env={**ours, **settings},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        content = b""
        end = time.monotonic() + 60
        with suppress(OSError):  # what Linux says when the last writer has gone
            while part := screen.read(65536):
                content += part
                assert time.monotonic() < end
        process.wait(30)
    return content.decode()


@pytest.fixture
def slow(project: Project) -> Project:
    """Twelve cases that take a moment, of which one fails."""
    slow_down(project, 0.4)
    examples(project, 12, e05="-")
    project.tests(SHOUTED)
    return project


def test_a_live_line_takes_the_place_of_the_letters_and_is_gone_in_the_end(
    slow: Project, distribution: tuple[str, ...]
) -> None:
    written = run_on_a_terminal(slow, "--eval-concurrency", "6", *distribution)
    text = CODES.sub("", written)
    assert re.search(r"cases ━+ +\d+/12 \d+ in flight · \d+ judged", text)
    assert re.search(r"cases .* 12/12 0 in flight · 1\d judged · 1 failed", text)
    assert written.rindex(ERASE) < written.rindex("evaluation")
    assert "\x1b[?25h" in written[written.rindex("\x1b[?25l") :]  # the cursor is back
    assert not re.search(r"\.{6}", text)
    assert "1 failed, 11 passed" in text
    assert re.search(r"shouted +11 +12 +91\.7%", text)
