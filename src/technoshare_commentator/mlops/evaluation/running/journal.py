"""A session's folder: every finished case is written down as it finishes, so that nothing is paid for twice.

outputs-<worker>.jsonl   where tasks run: one line a finished case, its output and its run
cases.jsonl              where reports arrive: one line a case whose tests are over, its row and its detail
session.json             the session without its cases; written when it begins and again when it ends
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.running.memory import FinishedCase
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, CaseRow, SessionResults
from technoshare_commentator.mlops.records import new_key
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.strict_json import append_line, dump

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LAST = "last"
_SESSIONS_KEPT = 20
_SESSION_FILE = "session.json"
_CASES_FILE = "cases.jsonl"


class JournalledCase(BaseModel):
    """A case whose tests are over."""

    model_config = ConfigDict(frozen=True)

    row: CaseRow
    detail: CaseDetail


class SessionFolder:
    """One session on disk."""

    def __init__(self, path: Path) -> None:
        """Take the folder, which need not exist yet."""
        self.path = path

    @property
    def session_id(self) -> str:
        """The session's name, which is the folder's."""
        return self.path.name

    def begin(self, results: SessionResults, run_key: str) -> None:
        """Make the folder and say what session this is; `run_key` is the identity of its MLflow run."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._write_session(results, run_key)

    def end(self, results: SessionResults, run_key: str) -> None:
        """Write down what the session came to."""
        self._write_session(results, run_key)

    def note_case(self, row: CaseRow, detail: CaseDetail) -> None:
        """Append a case whose tests are over."""
        append_line(self.path / _CASES_FILE, Redactor()(dump(JournalledCase(row=row, detail=detail))))

    @property
    def run_key(self) -> str:
        """The identity of the session's MLflow run; a new one where none was written down."""
        return str(self._written().get("run_key") or new_key())

    @property
    def run_name(self) -> str:
        """The name of the session's MLflow run; empty where none was written down."""
        return str(self._written().get("session", {}).get("run_name", ""))

    def head(self) -> SessionResults:
        """Read the session without its cases, which may be many; raises `ConfigurationError` for any other folder."""
        try:
            content = json.loads((self.path / _SESSION_FILE).read_text(encoding="utf-8"))
            return SessionResults.model_validate(content["session"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{str(self.path)!r} is not the folder of a session: {error}") from error

    def results(self) -> SessionResults:
        """Read the session with its cases; raises `ConfigurationError` for any other folder."""
        return self.head().model_copy(update={"cases": tuple(one.row for one in self._cases().values())})

    def traces(self) -> dict[CaseKey, str]:
        """The trace of each case whose tests are over; none where there is no such session yet."""
        return {key: one.row.trace_id for key, one in self._cases().items() if one.row.trace_id}

    def details(self) -> dict[CaseKey, CaseDetail]:
        """Read what a report shows of each case beside its row."""
        return {key: one.detail for key, one in self._cases().items()}

    def outputs(self) -> dict[str, FinishedCase]:
        """Every finished case with its output, by key; of two, the later counts."""
        finished: dict[str, FinishedCase] = {}
        for file in sorted(self.path.glob("outputs-*.jsonl")):
            for line in _lines(file):
                with suppress(ValueError):  # cut short when its writer was killed
                    case = FinishedCase.model_validate_json(line)
                    known = finished.get(case.key)
                    if known is None or known.run.start_ns <= case.run.start_ns:
                        finished[case.key] = case
        return finished

    def output_file(self, worker: str) -> Path:
        """Where a worker notes the outputs of its cases."""
        return self.path / f"outputs-{worker}.jsonl"

    def _cases(self) -> dict[CaseKey, JournalledCase]:
        found: dict[CaseKey, JournalledCase] = {}
        for line in _lines(self.path / _CASES_FILE):
            with suppress(ValueError):  # as above
                case = JournalledCase.model_validate_json(line)
                found[case.row.key] = case
        return found

    def _written(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            return dict(json.loads((self.path / _SESSION_FILE).read_text(encoding="utf-8")))
        return {}

    def _write_session(self, results: SessionResults, run_key: str) -> None:
        session = results.model_dump(mode="json", exclude={"cases"})
        draft = self.path / f".{_SESSION_FILE}.draft"
        draft.write_text(json.dumps({"run_key": run_key, "session": session}, indent=2), encoding="utf-8")
        draft.replace(self.path / _SESSION_FILE)


def sessions_folder(home: Path) -> Path:
    """Where sessions are kept."""
    return home / "evals" / "sessions"


def find_session(home: Path, reference: str) -> SessionFolder:
    """Return the session meant by a name, a path or `last`; raises `ConfigurationError` listing those there are."""
    folders = _by_age(sessions_folder(home))
    if reference == LAST and folders:
        return SessionFolder(folders[-1])
    named = [folder for folder in folders if folder.name == reference]
    path = Path(reference)
    if not named and (path / _SESSION_FILE).exists():
        named = [path]
    if named:
        return SessionFolder(named[0])
    newest = ", ".join(folder.name for folder in reversed(folders[-5:])) or "none yet"
    raise ConfigurationError(f"there is no session {reference!r} in {sessions_folder(home)}; the newest are: {newest}")


def prune(sessions: Path) -> None:
    """Keep the newest sessions only."""
    for folder in _by_age(sessions)[:-_SESSIONS_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def _by_age(sessions: Path) -> Sequence[Path]:
    return sorted((file.parent for file in sessions.glob(f"*/{_SESSION_FILE}")), key=lambda folder: folder.name)


def _lines(file: Path) -> Iterator[bytes]:
    with suppress(OSError), file.open("rb") as opened:  # what cannot be read is as good as never written
        yield from opened
