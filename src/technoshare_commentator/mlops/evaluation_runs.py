"""Evaluation runs in MLflow from outside a session: open one for several shards, fetch the results of an earlier one.

python -P -m technoshare_commentator.mlops.evaluation_runs open --experiment E [--name N]
    prints the id of a new run
python -P -m technoshare_commentator.mlops.evaluation_runs fetch --experiment E --reference R
    prints the results of a run as they stand in `eval_results.json`, and on standard error which run that is

The store is that of `MLFLOW_TRACKING_URI`. What goes wrong is one line on standard error, with exit status 2. Whoever
must not import MLflow asks this way.
"""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import re
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE
from technoshare_commentator.mlops.evaluation.session_run import RUN_TYPE, RUN_TYPE_TAG
from technoshare_commentator.mlops.mlflow_client import open_store, store_errors
from technoshare_commentator.mlops.redaction import without_password

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

LATEST = "latest"
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_NEWEST = 100
_NAMES_SHOWN = 5


def open_run(tracking_uri: str, experiment: str, name: str = "") -> str:
    """Start a run for several shards to write into, and return its id; the experiment is made if need be.

    Raises `ConfigurationError` when the store cannot be reached or the experiment is deleted.
    """
    client = open_store(tracking_uri)
    with store_errors(tracking_uri):
        found = client.get_experiment_by_name(experiment)
        if found is not None and found.lifecycle_stage == "deleted":
            raise ConfigurationError(
                f"the experiment {experiment!r} is deleted in {without_password(tracking_uri)}; restore it with "
                f"'mlflow experiments restore --experiment-id {found.experiment_id}' or name another one"
            )
        experiment_id = found.experiment_id if found is not None else client.create_experiment(experiment)
        run_name = name or time.strftime("eval-%Y-%m-%d-%H%M%S")
        run = client.create_run(experiment_id, tags={RUN_TYPE_TAG: RUN_TYPE}, run_name=run_name)
        return str(run.info.run_id)


def fetch_results(tracking_uri: str, experiment: str, reference: str) -> tuple[str, str]:
    """Return what a run is called, for people, and the text of its `eval_results.json`.

    `reference` is a run's id (32 hex digits, whatever its experiment), the name of a run in the experiment, of which
    the newest finished one with results counts, or `latest`, the newest finished evaluation run with results. Raises
    `ConfigurationError` when there is none, or the store cannot be reached.
    """
    if tracking_uri.startswith("sqlite:///") and not _is_readable(Path(urlsplit(tracking_uri).path[1:])):
        raise ConfigurationError(f"there is no MLflow store to read at {tracking_uri}; check MLFLOW_TRACKING_URI")
    client = open_store(tracking_uri)
    with store_errors(tracking_uri):
        if _RUN_ID.fullmatch(reference):
            run, text = _by_id(client, tracking_uri, reference)
        else:
            run, text = _by_name(client, tracking_uri, experiment, reference)
    return f"{run.info.run_name} (run {run.info.run_id})", text


def _is_readable(database: Path) -> bool:
    """Whether it can be read; MLflow would make one that is not there, and try for minutes to open a folder."""
    return database.is_file() and os.access(database, os.R_OK)


def _by_id(client: MlflowClient, store: str, run_id: str) -> tuple[Run, str]:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise ConfigurationError(
            f"there is no run {run_id!r} in {without_password(store)}; check the id, or ask for {LATEST!r}"
        ) from error
    text = _results(client, run)
    if text is None:
        raise ConfigurationError(
            f"the run {run.info.run_name!r} ({run_id}) has no {RESULTS_FILE}: it has not ended, or is no session of "
            f"pytest; ask for another one, or for {LATEST!r}"
        )
    return run, text


def _by_name(client: MlflowClient, store: str, experiment: str, name: str) -> tuple[Run, str]:
    found = client.get_experiment_by_name(experiment)
    if found is None:
        raise ConfigurationError(
            f"there is no experiment {experiment!r} in {without_password(store)}; name another one with "
            "--eval-experiment"
        )
    finished = _finished(client, found.experiment_id, "" if name == LATEST else name)
    for run in finished:
        text = _results(client, run)
        if text is not None:
            return run, text
    names = list(dict.fromkeys(run.info.run_name for run in _finished(client, found.experiment_id, "")))
    raise ConfigurationError(_nothing_found(experiment, name, names, without_results=len(finished)))


def _nothing_found(experiment: str, name: str, names: list[str], *, without_results: int) -> str:
    where = f"the experiment {experiment!r}"
    if without_results:
        return f"of the newest {without_results} finished runs for {name!r} in {where} none has an {RESULTS_FILE}"
    if not names:
        return f"there is no finished evaluation run in {where}; run the evaluation once, or name another experiment"
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    newest = ", ".join(repr(one) for one in names[:_NAMES_SHOWN])
    return (
        f"there is no finished run called {name!r} in {where}; {hint}the newest are {newest}; {LATEST!r} is the first"
    )


def _finished(client: MlflowClient, experiment_id: str, name: str) -> list[Run]:
    """The newest finished runs with a name, or the newest finished evaluation runs."""
    quote = '"' if "'" in name else "'"
    wanted = f"attributes.run_name = {quote}{name}{quote}" if name else f"tags.`{RUN_TYPE_TAG}` = '{RUN_TYPE}'"
    return list(
        client.search_runs(
            [experiment_id],
            f"attributes.status = 'FINISHED' and {wanted}",
            max_results=_NEWEST,
            order_by=["attributes.start_time DESC"],
        )
    )


def _results(client: MlflowClient, run: Run) -> str | None:
    """The text of the run's results file; None where there is none."""
    if RESULTS_FILE not in {found.path for found in client.list_artifacts(run.info.run_id)}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        return Path(client.download_artifacts(run.info.run_id, RESULTS_FILE, folder)).read_text(encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(prog="technoshare_commentator.mlops.evaluation_runs")
    commands = parser.add_subparsers(dest="command", required=True)
    opening, fetching = commands.add_parser("open"), commands.add_parser("fetch")
    for command in (opening, fetching):
        command.add_argument("--experiment", required=True)
    opening.add_argument("--name", default="")
    fetching.add_argument("--reference", required=True)
    options = parser.parse_args(arguments)
    logging.disable()  # what goes wrong is said once, at the end
    warnings.simplefilter("ignore")
    try:
        _obey(options)
    except ConfigurationError as error:
        sys.stderr.write(" ".join(str(error).splitlines()) + "\n")
        return error.exit_status
    return 0


def _obey(options: argparse.Namespace) -> None:
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if not uri:
        raise ConfigurationError("MLFLOW_TRACKING_URI is not set; it says which MLflow store to ask")
    if options.command == "open":
        answer = open_run(uri, options.experiment, options.name)
    else:
        label, answer = fetch_results(uri, options.experiment, options.reference)
        sys.stderr.write(f"{label}\n")
    sys.stdout.buffer.write(f"{answer}\n".encode())  # JSON is UTF-8 whatever the terminal is


if __name__ == "__main__":
    sys.exit(main())
