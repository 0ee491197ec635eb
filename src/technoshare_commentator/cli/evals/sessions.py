"""Sessions as the commands read them: by name, as folders that came from elsewhere, as results files, as baselines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.baseline import read_baseline
from technoshare_commentator.mlops.evaluation.running.journal import LAST, SessionFolder, find_session, sessions_folder
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE, SessionResults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, CaseRow

_SESSION_FILE = "session.json"
_CHUNK = 1 << 20
_ENDINGS = {
    None: "did not end",
    0: "passed",
    1: "failed",
    2: "interrupted",
    3: "internal error",
    4: "usage error",
    5: "nothing was run",
}
_BROKEN_OFF = (None, 2, 3)


@dataclass(frozen=True)
class ReadSession:
    """A session, and the details of its cases as far as they were kept."""

    path: Path
    results: SessionResults
    details: Mapping[CaseKey, CaseDetail]

    @property
    def name(self) -> str:
        """What people call it: the folder's name, or that of its file with the session's."""
        if self.path.is_dir():
            return self.path.name
        return f"{self.path.name} ({self.results.session_id})" if self.results.session_id else self.path.name


@dataclass(frozen=True)
class ListedSession:
    """A line of the list; a cost of None is unknown, `outputs` are those that need not be paid for again."""

    name: str
    started_at: str
    shard: str
    cases: int
    passed: int
    cost_usd: float | None
    verdict: str
    outputs: int
    unfinished: bool


def find_sessions(home: Path, references: Sequence[str]) -> list[ReadSession]:
    """Read every session that the references name, each once.

    A reference is `last`, a session's name, its folder, a folder with such folders somewhere below, or a results file.
    Raises `ConfigurationError` for one that is none of these.
    """
    paths = [path for reference in references for path in _paths(home, reference)]
    return [_read(path) for path in dict.fromkeys(path.resolve() for path in paths)]


def find_one(home: Path, reference: str) -> ReadSession:
    """Read the session that a reference names; raises `ConfigurationError` where it names several, or none."""
    paths = _paths(home, reference)
    if len(paths) > 1:
        some = ", ".join(path.name for path in paths[:5])
        raise ConfigurationError(f"{reference!r} holds {len(paths)} sessions ({some}); name one of them, or merge them")
    return _read(paths[0])


def find_cases(home: Path, reference: str) -> tuple[str, tuple[CaseRow, ...]]:
    """Return what to call a session, results file or baseline, and its cases; raises `ConfigurationError`."""
    path = Path(reference)
    if path.is_file():
        return read_baseline(path)
    session = find_one(home, reference)
    return session.name, session.results.cases


def list_sessions(home: Path) -> list[ListedSession]:
    """The sessions of this project, the newest first."""
    folders = sorted((file.parent for file in sessions_folder(home).glob(f"*/{_SESSION_FILE}")), reverse=True)
    return [_listed(SessionFolder(folder)) for folder in folders]


def is_broken_off(results: SessionResults) -> bool:
    """Whether a session did not run to its end, so that cases of it may be missing."""
    return results.exit_status in _BROKEN_OFF


def ending(results: SessionResults) -> str:
    """How a session ended, in words."""
    return _ENDINGS.get(results.exit_status, f"exit status {results.exit_status}")


def _paths(home: Path, reference: str) -> list[Path]:
    path = Path(reference)
    if reference == LAST or (sessions_folder(home) / reference / _SESSION_FILE).exists() or not path.exists():
        return [find_session(home, reference).path]
    if path.is_file() or (path / _SESSION_FILE).exists():
        return [path]
    found = sorted(file.parent for file in path.rglob(_SESSION_FILE)) or sorted(path.rglob(RESULTS_FILE))
    if not found:
        raise ConfigurationError(f"{reference!r} holds no session: there is neither {_SESSION_FILE} nor {RESULTS_FILE}")
    return found


def _read(path: Path) -> ReadSession:
    if path.is_dir():
        folder = SessionFolder(path)
        return ReadSession(path, folder.results(), folder.details())
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or "session_id" not in content:
            raise ConfigurationError(
                f"{str(path)!r} is no results file of a session; give the folder of one, or what --eval-json wrote"
            )
        return ReadSession(path, SessionResults.model_validate(content), {})
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{str(path)!r} is no results file: {where}: {first['msg']}") from error
    except ValueError as error:
        raise ConfigurationError(f"{str(path)!r} is no JSON: {error}") from error


def _listed(folder: SessionFolder) -> ListedSession:
    results = folder.head()
    ended = results.exit_status is not None
    if not ended:  # only its cases say how far it came
        results = folder.results()
    costs = [case.cost_usd for case in results.cases]
    summed = None if None in costs else sum(cost for cost in costs if cost is not None)
    metrics = results.metrics
    return ListedSession(
        name=folder.session_id,
        started_at=results.started_at,
        shard=results.shard,
        cases=int(metrics.get("cases") or 0) if ended else len(results.cases),
        passed=int(metrics.get("cases_passed") or 0) if ended else sum(case.passed for case in results.cases),
        cost_usd=metrics.get("cost_usd") if ended else summed,
        verdict=ending(results),
        outputs=sum(map(_lines, folder.path.glob("outputs-*.jsonl"))),
        unfinished=is_broken_off(results) or results.not_run > 0,
    )


def _lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(_CHUNK), b""))
