"""What takes seconds is made once a session: a migrated database, a real MLflow server."""

from __future__ import annotations

import os
import shutil
import warnings
from typing import TYPE_CHECKING

import pytest

import not_the_job  # noqa: F401
from mlflow_server import mlflow_server
from postgres_server import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _mlflow_is_imported() -> Iterator[None]:
    """MLflow reads and sets the environment; the shipper's settings for it end with the session."""
    before = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies warn of one another while they are imported
        from technoshare_commentator.mlops import mlflow_environment, mlflow_writer  # noqa: PLC0415 - takes seconds
    mlflow_environment.prepare_mlflow()
    assert mlflow_writer.RECORD_KEY
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def migrated_database(_mlflow_is_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database, to be copied: making one takes seconds."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    path = tmp_path_factory.mktemp("migrated") / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def sqlite_store(migrated_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store of this test's own; artifacts lie beside it, in the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(migrated_database, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture(scope="session")
def server_store(migrated_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server; tests share it, each in an experiment of its own."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(migrated_database, folder / "server.db")
    with mlflow_server(folder) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_store(_mlflow_is_imported: None) -> Iterator[str]:
    """The address of a real, migrated PostgreSQL database; tests share it like a server."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    with postgres_server() as address:
        MlflowClient(tracking_uri=address).search_experiments()
        yield address


@pytest.fixture(params=["sqlite_store", "server_store"], ids=["sqlite", "server"])
def store(request: pytest.FixtureRequest) -> str:
    """Either kind of store."""
    return str(request.getfixturevalue(request.param))
