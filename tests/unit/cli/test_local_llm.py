from __future__ import annotations

import os
import shlex
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer

from technoshare_commentator.cli import local_llm

INTERRUPTED_COMMAND = """
import os, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: None)
os.kill(os.getppid(), signal.SIGINT)
time.sleep(1)  # more than the quarter of a second that subprocess grants
sys.exit(3)
"""


def test_ctrl_c_leaves_a_command_the_time_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOSHARE_HOME", str(tmp_path))
    monkeypatch.setattr(local_llm, "served", lambda *_: nullcontext("http://127.0.0.1:1/v1"))
    script = tmp_path / "command.py"
    script.write_text(INTERRUPTED_COMMAND, encoding="utf-8")
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(typer.Exit) as ended:
        local_llm.local_llm(["smollm2"], run=f"{sys.executable} {script}")
    assert ended.value.exit_code == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_a_command_finds_the_programs_that_are_installed_beside_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHNOSHARE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", os.defpath)  # of somebody who has not activated the environment
    monkeypatch.setattr(local_llm, "served", lambda *_: nullcontext("http://127.0.0.1:1/v1"))
    found = tmp_path / "found"
    code = f"import pathlib, sys; pathlib.Path({str(found)!r}).write_text(sys.executable)"
    with pytest.raises(typer.Exit):
        local_llm.local_llm(["smollm2"], run=shlex.join(["python", "-c", code]))
    assert Path(found.read_text()).parent == Path(sys.executable).parent
