"""The files that commands write of a session: results, report, baseline, and what GitHub shows of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, SessionResults


def write_json(path: Path, results: SessionResults) -> None:
    """Write the results as `--eval-json` does; raises `ConfigurationError` where the disk refuses."""
    content = json.dumps(results.model_dump(mode="json"), indent=2, ensure_ascii=False)
    _write(path, Redactor()(content.encode(errors="replace")))
    print(f"results: {path}")


def write_report(path: Path, results: SessionResults, details: Mapping[CaseKey, CaseDetail]) -> None:
    """Write the page that `--eval-report` writes; raises `ConfigurationError` where the disk refuses."""
    from technoshare_commentator.mlops.evaluation.reporting.html import render_html  # noqa: PLC0415 - brings jinja2

    _write(path, Redactor().text(render_html(results, details)).encode(errors="replace"))
    print(f"report: {path}")


def update(path: Path, results: SessionResults, *, keep_others: bool) -> None:
    """Write a baseline; with `keep_others` what it says of cases that did not run stays."""
    from technoshare_commentator.mlops.evaluation.judging.baseline import (  # noqa: PLC0415 - only who asks for it
        updated_baseline,
        write_baseline,
    )

    write_baseline(path, updated_baseline(path, results, keep_others=keep_others))
    print(f"baseline: {path}")


def tell_github(results: SessionResults, root: Path, problems: Sequence[str] = ()) -> None:
    """Within GitHub Actions, write the summary of the step and print annotations.

    `root` is where node ids start; `problems` are what cases and gate do not show, such as a missing shard.
    """
    from technoshare_commentator.mlops.evaluation.reporting.annotations import command  # noqa: PLC0415 - only there
    from technoshare_commentator.mlops.evaluation.reporting.github import (  # noqa: PLC0415 - as above
        annotation_commands,
        step_summary,
    )
    from technoshare_commentator.mlops.evaluation.reporting.markdown import prose  # noqa: PLC0415 - as above

    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        warnings = "".join(f"⚠️ {prose(problem)}\n\n" for problem in problems)
        _write(Path(summary), f"{warnings}{step_summary(results)}".encode(errors="replace"), append=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in (
            *(command("error", problem, title="evaluation") for problem in problems),
            *annotation_commands(results, root),
        ):
            print(line)


def _write(path: Path, content: bytes, *, append: bool = False) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(content)
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r} cannot be written: {error.strerror}") from error
