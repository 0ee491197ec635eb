"""Where to look further: files, the session's name, the run in MLflow."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.text import Text

from technoshare_commentator.mlops.redaction import without_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.pytest_plugin.controlling import Controlling
    from technoshare_commentator.pytest_plugin.publishing import Publisher


def where_to_look(controlling: Controlling) -> Iterator[Text]:
    """The last lines of the summary."""
    for file in controlling.files:
        shown = _relative(file.path)
        yield (
            Text(f"{file.what}: {shown} {file.problem}", style="bold red")
            if file.problem
            else Text(f"{file.what}: {shown}")
        )
    if controlling.recordings.line:
        yield Text(controlling.recordings.line)
    yield Text(f"session: {controlling.session_id}{_how_to_go_on(controlling)}")
    yield from _mlflow(controlling.publisher)


def _how_to_go_on(controlling: Controlling) -> str:
    missing = controlling.gathering.total - len(controlling.final.cases)
    return f"  ({missing} cases to go: --eval-resume {controlling.session_id})" if missing > 0 else ""


def _mlflow(publisher: Publisher) -> Iterator[Text]:
    receipt = publisher.receipt
    if not publisher.settings.tracking:
        yield Text("MLflow: off (MLFLOW_ENABLE_TRACKING=false)")
    elif receipt is None:
        yield Text(f"MLflow: {publisher.problem}", style="yellow")
        if publisher.kept:
            yield Text("the run is kept and can be sent later: technoshare spool ship", style="yellow")
    else:
        count = receipt.trace_count or 0
        yield Text(f"MLflow: one run in experiment {publisher.experiment!r}, {count} traces")
        if count < publisher.trace_count:  # a session that is resumed in part finds others there
            missing = f"MLflow holds {count} of {publisher.trace_count} recorded traces"
            yield Text(missing, style="bold red")
        yield from _how_to_open(without_password(publisher.settings.uri), receipt.experiment_id, receipt.run_id)


def _how_to_open(uri: str, experiment_id: str, run_id: str) -> Iterator[Text]:
    served = urlsplit(uri).scheme in {"http", "https"}
    base = uri.rstrip("/") if served else "http://127.0.0.1:5000"
    if not served:
        yield Text(f"  {_mlflow_command()} ui --backend-store-uri {uri} --port 5000")
    yield Text(f"  open {base}/#/experiments/{experiment_id}/evaluation-runs?selectedRunUuid={run_id}")


def _mlflow_command() -> str:
    """`mlflow`, or where it lies when the virtual environment is not activated."""
    if shutil.which("mlflow"):
        return "mlflow"
    return str(_relative(Path(sys.executable).with_name("mlflow")))


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
