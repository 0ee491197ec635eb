"""Who wrote a prompt's file, and in which commit: what git says of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMIT_TAG = "git.commit"
AUTHOR_TAG = "git.author"
DIRTY_TAG = "git.dirty"
_SECONDS = 5.0


def provenance(file: Path) -> dict[str, str]:
    """Tags for a version made of this file; none where the file lies in no repository.

    The author is that of the last commit to the file, or whoever git says works here when the file has been changed
    since, which `git.dirty` tells.
    """
    commit = _git(file.parent, "rev-parse", "HEAD")
    if not commit:
        return {}
    dirty = bool(_git(file.parent, "status", "--porcelain", "--", file.name))
    author = _git(file.parent, *(["config", "user.name"] if dirty else ["log", "-1", "--format=%an", "--", file.name]))
    tags = {COMMIT_TAG: commit, DIRTY_TAG: str(dirty).lower()}
    return {**tags, AUTHOR_TAG: author} if author else tags


def who() -> str:
    """Whoever git says works in the working directory; empty where it does not know."""
    from pathlib import Path  # noqa: PLC0415 - only whoever promotes asks

    return _git(Path.cwd(), "config", "user.name")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
