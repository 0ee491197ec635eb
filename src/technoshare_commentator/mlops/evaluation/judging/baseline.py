"""A baseline: the verdicts and numbers of a session in a file that is made to be reviewed in a pull request.

One line a case, sorted, with nothing in it that changes from run to run by itself: no times, no costs, no ids of runs.
"""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from itertools import starmap
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.metrics import number_of, with_verdict
from technoshare_commentator.mlops.evaluation.session_results import CaseRow, DatasetRow, ScoreRow, SessionResults
from technoshare_commentator.mlops.evaluation.variants import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMIT_TAG = "mlflow.source.git.commit"
_DIGITS = 4
_SHORT_COMMIT = 12
_MAKE_ONE = "make a new one with: pytest --eval-update-baseline"
M = TypeVar("M", bound=BaseModel)


class _Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Dataset(_Part):
    """Which examples the cases came from."""

    name: str
    version: str = ""
    digest: str = ""


class _Case(_Part):
    """One line: the verdict of a case, and of each scorer its verdict, or its verdict and its number."""

    case: str
    variant: str = DEFAULT
    trial: int = Field(1, ge=1)
    passed: bool
    scores: dict[str, bool | tuple[bool, float]] = Field(default_factory=dict)

    @property
    def order(self) -> tuple[str, str, int]:
        """Its place in the file, and its identity."""
        return self.case, self.variant, self.trial


class _File(_Part):
    """A baseline's file."""

    format: Literal[1]
    git_commit: str = ""
    datasets: tuple[_Dataset, ...] = ()
    cases: tuple[_Case, ...]


def write_baseline(path: Path, results: SessionResults) -> None:
    """Write a session's cases as a baseline, whole or not at all; raises `ConfigurationError` where that cannot be.

    Cases that were skipped have no verdict and no line; a session without any verdict is no baseline.
    """
    judged = with_verdict(results.cases)
    if not judged:
        raise ConfigurationError(f"baseline {str(path)!r} stays as it is: this session judged no case")
    head = {
        "format": 1,
        "git_commit": results.tags.get(COMMIT_TAG, ""),
        "datasets": sorted(
            (_Dataset(name=one.name, version=one.version, digest=one.digest).model_dump() for one in results.datasets),
            key=lambda one: (one["name"], one["version"], one["digest"]),
        ),
    }
    cases = sorted(map(_line_of, judged), key=lambda line: line.order)
    lines = ",\n".join(_json(line.model_dump(exclude_defaults=True)) for line in cases)
    described = ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in head.items())
    _replace(path, f'{{\n{described},\n"cases": [\n{lines}\n]\n}}\n')


def read_baseline(path: Path) -> tuple[str, tuple[CaseRow, ...]]:
    """Read a baseline, or the `eval_results.json` of a session: a label to show, and its cases.

    Raises `ConfigurationError` naming file, key, value and fix.
    """
    read = _read(path)
    if isinstance(read, SessionResults):
        return " ".join(filter(None, [path.name, read.run_name and f"({read.run_name})"])), read.cases
    commit = read.git_commit[:_SHORT_COMMIT]
    return f"{path.name} ({commit})" if commit else path.name, tuple(map(_row_of, read.cases))


def updated_baseline(path: Path, results: SessionResults, *, keep_others: bool) -> SessionResults:
    """Return what to write: the session, and with `keep_others` what the file at `path` says of cases it did not run.

    All trials of an example under a variant are replaced together.
    """
    if not keep_others or not path.exists():
        return results
    read = _read(path)
    old = read.cases if isinstance(read, SessionResults) else tuple(map(_row_of, read.cases))
    ran = {(case.case_id, case.variant) for case in with_verdict(results.cases)}
    kept = [case for case in old if (case.case_id, case.variant) not in ran]
    named = {one.name for one in results.datasets}
    in_use = {case.dataset for case in kept}
    datasets = [
        DatasetRow(name=one.name, version=one.version, digest=one.digest)
        for one in read.datasets
        if one.name not in named and one.name in in_use
    ]
    return results.model_copy(update={"cases": (*results.cases, *kept), "datasets": (*results.datasets, *datasets)})


def as_kept(cases: Iterable[CaseRow]) -> tuple[CaseRow, ...]:
    """Cases with their numbers as a baseline keeps them, so that rounding is no difference."""
    return tuple(case.model_copy(update={"scores": tuple(map(_as_kept, case.scores))}) for case in cases)


def _as_kept(score: ScoreRow) -> ScoreRow:
    if isinstance(score.value, bool) or not isinstance(score.value, float):
        return score
    return score.model_copy(update={"value": round(score.value, _DIGITS)})


def _line_of(case: CaseRow) -> _Case:
    by_name: dict[str, list[ScoreRow]] = defaultdict(list)
    for score in case.scores:
        by_name[score.name].append(score)
    scores = {name: _said(found) for name, found in sorted(by_name.items())}
    return _Case(case=case.case_id, variant=case.variant, trial=case.trial, passed=case.passed, scores=scores)


def _said(scores: list[ScoreRow]) -> bool | tuple[bool, float]:
    """The verdict; and the number, of several tests their mean, where a scorer gives more than a verdict."""
    passed = all(score.passed for score in scores)
    found = (number_of(score) for score in scores if not isinstance(score.value, bool))
    numbers = [number for number in found if number is not None]
    return passed if not numbers else (passed, round(math.fsum(numbers) / len(numbers), _DIGITS))


def _row_of(line: _Case) -> CaseRow:
    dataset, _, example_id = line.case.rpartition("/")
    return CaseRow(
        case_id=line.case,
        example_id=example_id,
        dataset=dataset or None,
        variant=line.variant,
        trial=line.trial,
        outcome="passed" if line.passed else "failed",
        scores=tuple(starmap(_score_of, line.scores.items())),
    )


def _score_of(name: str, said: bool | tuple[bool, float]) -> ScoreRow:  # noqa: FBT001 - what a file says of a scorer
    passed, value = said if isinstance(said, tuple) else (said, said)
    return ScoreRow(name=name, value=value, passed=passed)


def _read(path: Path) -> _File | SessionResults:
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        content = from_json(text)
    except FileNotFoundError:
        raise ConfigurationError(f"baseline {str(path)!r} does not exist; {_MAKE_ONE}") from None
    except OSError as error:
        raise ConfigurationError(f"baseline {str(path)!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        conflict = "; it has the marks of a merge conflict, take either side" if "<<<<<<<" in text else ""
        raise ConfigurationError(f"baseline {str(path)!r} is no JSON: {error}{conflict}, or {_MAKE_ONE}") from error
    if isinstance(content, dict) and "session_id" in content:
        return _checked(path, SessionResults, text)
    file = _checked(path, _File, text)
    seen: set[tuple[str, str, int]] = set()
    for case in file.cases:
        if case.order in seen:
            raise ConfigurationError(f"baseline {str(path)!r}: case {case.case!r} stands twice; {_MAKE_ONE}")
        seen.add(case.order)
    return file


def _checked(path: Path, model: type[M], text: str) -> M:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        got = repr(first["input"])[:200]
        raise ConfigurationError(
            f"baseline {str(path)!r}: {where}: {first['msg']} (got {got}); mend it, or {_MAKE_ONE}"
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _replace(path: Path, text: str) -> None:
    target = path.resolve()  # a link stays one
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise ConfigurationError(f"baseline {str(path)!r} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
