"""The peers' own environments: one for each, because their requirements and their pytest plugins exclude one another.

Each is made when it is first needed, from the pinned list in `peers/`, inside the environment that this runs in, so
that it goes where that goes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
ENVIRONMENTS = Path(sys.prefix) / "bench"
REQUIREMENTS = _HERE / "peers"


class NotInstalledError(Exception):
    """A peer that cannot be had on this machine, and why."""


def programs(peer: str) -> Path:
    """The folder of a peer's programs, or of this project's for the empty name; makes what is missing."""
    if not peer:
        return Path(sys.executable).parent
    if problem := _problem(peer):
        raise NotInstalledError(problem)
    return ENVIRONMENTS / peer / "bin"


def version(peer: str) -> str:
    """The version that is pinned."""
    lines = (REQUIREMENTS / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{peer}=="))


@cache
def _problem(peer: str) -> str:
    """Make a peer's environment where it is missing or out of date, once; say what went wrong."""
    folder = ENVIRONMENTS / peer
    requirements = REQUIREMENTS / f"{peer}.txt"
    made_of = folder / "made-of.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if made_of.exists() and made_of.read_text(encoding="utf-8") == wanted:
        return ""
    print(f"==> Installing {peer} {version(peer)} into {folder}; once, about half a minute", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    for command in ((sys.executable, "-m", "venv", str(folder)), (*pip, "-r", str(requirements))):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.splitlines() or done.stdout.splitlines() or [f"exit status {done.returncode}"])[-1]
    made_of.write_text(wanted, encoding="utf-8")
    return ""
