"""The peers' own environments: one for each, because their requirements and their pytest plugins exclude one another.

Each is made when it is first needed, from the pinned list in `peers/`, inside the environment that this runs in, so
that it goes where that goes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
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
    folder = ENVIRONMENTS / peer
    wanted = (REQUIREMENTS / f"{peer}.txt").read_text(encoding="utf-8")
    made_of = folder / "made-of.txt"
    if not made_of.exists() or made_of.read_text(encoding="utf-8") != wanted:
        _make(peer, folder)
        made_of.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def version(peer: str) -> str:
    """The version that is pinned."""
    lines = (REQUIREMENTS / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{peer}=="))


def _make(peer: str, folder: Path) -> None:
    print(f"==> Installing {peer} {version(peer)} into {folder}; once, about half a minute", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    requirements = str(REQUIREMENTS / f"{peer}.txt")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, "-r", requirements]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise NotInstalledError((errors or done.stderr.splitlines() or ["venv failed"])[0])
