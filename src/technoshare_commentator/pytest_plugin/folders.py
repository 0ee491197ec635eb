"""Where a session keeps what has to outlive it, which earlier session it goes on with, and how its processes know."""

from __future__ import annotations

import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.running.journal import find_session, sessions_folder
from technoshare_commentator.mlops.settings import load_tracking_settings

if TYPE_CHECKING:
    import pytest

_FILE = "folders.json"


@dataclass(frozen=True)
class SessionFolders:
    """The folder of this session, and that of the session whose outputs are taken, which may be the same."""

    session: Path
    recalled: Path


def choose_folders(config: pytest.Config) -> SessionFolders:
    """Name the folders that the flags ask for; raises `ConfigurationError` for a session that there is not.

    A session recalls itself: what a worker had finished when it died is there for the one that replaces it.
    """
    home = load_tracking_settings().home
    resumed, rescored = config.getoption("--eval-resume"), config.getoption("--eval-rescore")
    if resumed is not None and rescored is not None:
        raise ConfigurationError(
            "--eval-resume goes on with a session, --eval-rescore scores one anew without running anything; choose one"
        )
    if resumed is not None:
        session = find_session(home, resumed).path
        return SessionFolders(session, session)
    session = sessions_folder(home) / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{secrets.token_hex(2)}"
    return SessionFolders(session, session if rescored is None else find_session(home, rescored).path)


def tell(notes: Path, folders: SessionFolders) -> None:
    """Leave word for the processes of this session."""
    content = json.dumps({"session": str(folders.session), "recalled": str(folders.recalled)})
    (notes / _FILE).write_text(content, encoding="utf-8")


def told(notes: Path) -> SessionFolders | None:
    """What was left; None where nothing was, as for a worker on another machine."""
    with suppress(OSError, ValueError, KeyError):
        content = json.loads((notes / _FILE).read_text(encoding="utf-8"))
        return SessionFolders(Path(content["session"]), Path(content["recalled"]))
    return None
