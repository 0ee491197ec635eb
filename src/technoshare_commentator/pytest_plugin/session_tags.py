"""What is true of the whole session and known without asking the suite: who ran what, from which commit."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def session_tags(config: pytest.Config, exitstatus: int) -> dict[str, str]:
    """Tags of the session's run."""
    arguments = " ".join(str(argument) for argument in config.invocation_params.args)
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.name": "pytest",
        "pytest.command": f"pytest {arguments}".strip(),
        "pytest.exit_status": str(exitstatus),
        "python.version": sys.version.split()[0],
    }
    commit = _git(config.rootpath, "rev-parse", "HEAD")
    if commit:
        tags["mlflow.source.git.commit"] = commit
        tags["git.dirty"] = str(bool(_git(config.rootpath, "status", "--porcelain"))).lower()
    return tags


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
