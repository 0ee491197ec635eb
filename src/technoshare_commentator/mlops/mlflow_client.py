"""A client of an MLflow store that somebody waits for: a dead one is an error in seconds, in one line."""

from __future__ import annotations

import os
import socket
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.delivery import unreachable
from technoshare_commentator.mlops.mlflow_environment import prepare_mlflow
from technoshare_commentator.mlops.redaction import Redactor, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

_PATIENCE_SECONDS = "10"
_PROBE_SECONDS = 5.0
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def open_store(tracking_uri: str) -> MlflowClient:
    """Return a client for runs and prompts; raises `ConfigurationError` when the store cannot be reached."""
    problem = unreachable(tracking_uri) or _dead_database(tracking_uri)
    if problem:
        raise ConfigurationError(f"{problem}; check MLFLOW_TRACKING_URI, or start the server")
    prepare_mlflow()
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = _PATIENCE_SECONDS
    with store_errors(tracking_uri), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies warn of one another while they are imported
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

        return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


def _dead_database(tracking_uri: str) -> str:
    """Say why a database server cannot be reached; MLflow would try for minutes. Empty when it can, or is none."""
    try:
        parts = urlsplit(tracking_uri)
        port = parts.port or _PORTS.get(parts.scheme.split("+", 1)[0])
    except ValueError:  # several hosts, which is for the driver to make out
        return ""
    if not parts.hostname or port is None or parts.scheme.startswith("http"):
        return ""
    try:
        socket.create_connection((parts.hostname, port), timeout=_PROBE_SECONDS).close()
    except OSError as error:
        return f"the database of MLflow at {without_password(tracking_uri)} cannot be reached ({error})"
    return ""


@contextmanager
def store_errors(tracking_uri: str) -> Iterator[None]:
    """Whatever a store or the way to it comes up with, said in one line."""
    try:
        yield
    except ConfigurationError:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        said = Redactor().text(f"{type(error).__name__}: {lines[0]}")
        raise ConfigurationError(
            f"MLflow at {without_password(tracking_uri)} does not answer as it should: {said}"
        ) from error
