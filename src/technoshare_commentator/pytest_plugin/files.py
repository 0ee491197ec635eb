"""The files that a session leaves behind: results, report, baseline, and what GitHub shows of it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.tracing import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, SessionResults
    from technoshare_commentator.pytest_plugin.verdict import Baseline


@dataclass(frozen=True)
class WrittenFile:
    """A file, what it is, and why it could not be written; empty where it could."""

    what: str
    path: Path
    asked_for: bool = True
    problem: str = ""


def write_files(
    config: pytest.Config, results: SessionResults, details: Mapping[CaseKey, CaseDetail], home: Path
) -> list[WrittenFile]:
    """Write what was asked for, each for itself: one that fails keeps no other from being written."""
    asked = config.getoption("--eval-json")
    path = Path(asked) if asked else home / "evals" / RESULTS_FILE
    content = json.dumps(results.model_dump(mode="json"), indent=2, ensure_ascii=False)
    written = [_written("results", path, lambda: content, asked_for=bool(asked))]
    if report := config.getoption("--eval-report"):
        written.append(_written("report", Path(report), lambda: _html(results, details)))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        written.append(_written("summary", Path(summary), lambda: _markdown(results), asked_for=False, append=True))
    return written


def update_baseline(baseline: Baseline, results: SessionResults, *, keep_others: bool) -> WrittenFile:
    """Write the session into the baseline, beside the cases that it did not run or instead of them."""
    try:
        return WrittenFile("baseline", baseline.update(results, keep_others=keep_others))
    except (OSError, ConfigurationError) as error:
        return WrittenFile("baseline", baseline.file or Path("baseline.json"), problem=str(error))


def _html(results: SessionResults, details: Mapping[CaseKey, CaseDetail]) -> str:
    from technoshare_commentator.mlops.evaluation.reporting.html import (  # noqa: PLC0415 - who asks for it pays
        render_html,
    )

    return render_html(results, details)


def _markdown(results: SessionResults) -> str:
    from technoshare_commentator.mlops.evaluation.reporting.github import step_summary  # noqa: PLC0415 - as above

    return step_summary(results)


def _written(
    what: str, path: Path, content: Callable[[], str], *, asked_for: bool = True, append: bool = False
) -> WrittenFile:
    try:
        written = Redactor().text(content()).encode(errors="replace")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(written)
    except OSError as error:
        return WrittenFile(what, path, asked_for, f"cannot be written: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - a fault in one of our pages must not take the session along
        return WrittenFile(what, path, asked_for, f"cannot be made: {describe(error)}")
    return WrittenFile(what, path, asked_for)
