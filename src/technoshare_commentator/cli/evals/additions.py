"""What is going to be added to a dataset: planned job by job, written at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from technoshare_commentator.cli.evals.candidates import Candidate, evidence_file, example_id, read_candidate
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import Example
from technoshare_commentator.retrieval.frozen_evidence import evidence_to_json, read_evidence

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.domain import Evidence, Outcome
    from technoshare_commentator.mlops.evaluation.dataset_file import DatasetFile
    from technoshare_commentator.mlops.mlflow_jobs import JobReader, TrackedJob
    from technoshare_commentator.mlops.redaction import Redactor
    from technoshare_commentator.quality.example import CommentaryExample

_DATASETS = "datasets"


@dataclass(frozen=True)
class Planned:
    """An example that is to be added, and the job that it comes from."""

    example_id: str
    candidate: Candidate


@dataclass(frozen=True)
class LeftOut:
    """A job that does not become an example, and why."""

    job: TrackedJob
    reason: str


class Additions:
    """The examples that jobs become, each page once."""

    def __init__(self, file: DatasetFile[CommentaryExample], redact: Redactor, expected: Outcome | None) -> None:
        """Take where they go, what must not be written, and what should become of them where that is decided.

        Raises `DatasetError` when the evidence of an example that is there cannot be read.
        """
        self.file = file
        self.planned: list[Planned] = []
        self.left_out: list[LeftOut] = []
        self._redact = redact
        self._expected = expected
        self._ids = {example.id.casefold() for example in file.examples}
        self._known: list[tuple[str, Evidence]] = [
            (example.id, read_evidence(self.suite / example.evidence, example.url))
            for example in file.examples
            if example.evidence
        ]

    @property
    def suite(self) -> Path:
        """The folder that the evidence of examples is relative to: that of the suite whose `datasets/` this is."""
        folder = self.file.path.parent
        return folder.parent if folder.name == _DATASETS else folder

    @property
    def needs_review(self) -> bool:
        """Whether somebody has still to decide what should become of the links."""
        return self._expected is None

    def take(self, reader: JobReader, job: TrackedJob, wanted_id: str = "") -> None:
        """Plan to add a job; a page that is there already is left out. Raises `DatasetError` for an unusable job."""
        candidate = read_candidate(reader, job, self._redact)
        same = next((known for known, evidence in self._known if evidence == candidate.evidence), "")
        if same:
            self.leave_out(job, f"what it read is there already, as {same!r}")
            return
        if wanted_id:
            self._check_id(wanted_id)
        chosen = wanted_id or example_id(
            candidate.url, candidate.evidence.title, lambda name: self._is_free(name, candidate.evidence)
        )
        self._ids.add(chosen.casefold())
        self._known.append((chosen, candidate.evidence))
        self.planned.append(Planned(chosen, candidate))

    def leave_out(self, job: TrackedJob, reason: str) -> None:
        """Remember why a job does not become an example."""
        self.left_out.append(LeftOut(job, reason))

    def write(self) -> None:
        """Add everything that is planned, or nothing; raises `DatasetError`."""
        if self.planned:
            files = {self._file_of(one.example_id): evidence_to_json(one.candidate.evidence) for one in self.planned}
            self.file.append([self._row(one) for one in self.planned], files)

    def _row(self, planned: Planned) -> dict[str, Any]:
        row = planned.candidate.row(planned.example_id, self._expected)
        clean: dict[str, Any] = json.loads(self._redact(json.dumps(row).encode()))
        return clean

    def _check_id(self, name: str) -> None:
        try:
            Example(id=name)
        except ValidationError as error:
            raise DatasetError(f"--id {name!r}: {error.errors()[0]['msg']}; use letters, digits and . _ -") from None
        if name.casefold() in self._ids:
            raise DatasetError(f"--id {name!r} is the name of an example in {str(self.file.path)!r}; choose another")

    def _is_free(self, name: str, evidence: Evidence) -> bool:
        """Whether no example is called so, here or in a dataset beside this one, whose evidence lies in one folder."""
        if name.casefold() in self._ids:
            return False
        path = self._file_of(name)
        return not path.exists() or path.read_bytes() == evidence_to_json(evidence).encode(errors="replace")

    def _file_of(self, name: str) -> Path:
        return self.suite / evidence_file(name)
