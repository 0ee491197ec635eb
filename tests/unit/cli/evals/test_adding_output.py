from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from fakes import EVIDENCE
from technoshare_commentator.cli.evals.adding_output import print_additions
from technoshare_commentator.cli.evals.additions import Planned
from technoshare_commentator.cli.evals.candidates import Candidate
from technoshare_commentator.mlops.mlflow_jobs import TrackedJob

RULES = ("coverage", "summary_sentence_count", "no_instructions_echoed", "theme_known")


@dataclass
class FakeFile:
    path: Path = Path("evals/datasets/technoshare.json")


@dataclass
class FakeAdditions:
    """One job that failed, to be added."""

    planned: list[Planned]
    file: FakeFile = field(default_factory=FakeFile)
    left_out: tuple[Any, ...] = ()


def test_no_rule_is_cut_off_on_a_narrow_terminal() -> None:
    job = TrackedJob("ab" * 16, "job_1", datetime(2026, 1, 5, 9, 0, tzinfo=UTC), {"outcome": "gate_failed"})
    candidate = Candidate(job, EVIDENCE, "look", dict.fromkeys(RULES, "for a reason"))
    console = Console(file=io.StringIO(), width=80)
    print_additions(console, FakeAdditions([Planned("a-page", candidate)]), dry_run=True)  # type: ignore[arg-type]  # hand-written
    printed = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert [rule for rule in RULES if rule not in printed] == []
    assert job.run_id in printed
