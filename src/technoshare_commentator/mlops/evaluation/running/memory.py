"""What one process remembers of finished cases, and what it recalls of those of an earlier session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun, Work
from technoshare_commentator.mlops.evaluation.running.outputs import KeptOutput, keep, restore
from technoshare_commentator.mlops.records import RunRecord, new_key
from technoshare_commentator.mlops.strict_json import append_line, dump
from technoshare_commentator.mlops.tracking import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class FinishedCase(BaseModel):
    """A finished case as it is written down where it ran; without an output where that could not be kept."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")  # a null would be read as no number at all

    key: str
    digest: str
    output: KeptOutput | None
    run: RunRecord


class OutputJournal:
    """The memory of one process: it notes each finished case at once, and recalls those of an earlier session.

    With `only_recall` a case that is not remembered is not run at all.
    """

    def __init__(
        self, file: Path | None, read: Callable[[], Mapping[str, FinishedCase]] = dict, *, only_recall: str = ""
    ) -> None:
        """Take where to note cases, how to learn what is known, and the reason for not running any other."""
        self._file = file
        self._read = read
        self._only_recall = only_recall
        self.refresh()

    def refresh(self) -> None:
        """Learn what has become known since: another process has died, and its cases are dealt out anew."""
        self._known = self._read()

    def recall(self, work: Work) -> CaseRun | None:
        """Return a case as it was, if what went into it is still the same."""
        known = self._known.get(work.key)
        if known is not None and known.output is not None and known.digest == work.digest:
            with suppress(Exception):  # a type that has changed since then; the case runs again
                return self._recalled(work, known.run, restore(known.output))
        return CaseRun(None, not_run=self._only_recall) if self._only_recall else None

    def _recalled(self, work: Work, record: RunRecord, output: Any) -> CaseRun:
        if not self._only_recall:
            return CaseRun(Run(record), output)
        anew = CaseRun(Run(_renewed(record)), output)
        self.remember(work, anew)  # this is another session, which somebody may want to score anew in turn
        return anew

    def remember(self, work: Work, done: CaseRun) -> None:
        """Write a finished case down; where the disk refuses, the session goes on without."""
        if self._file is None or done.run is None:
            return
        finished = FinishedCase(key=work.key, digest=work.digest, output=keep(done.output), run=done.run.record)
        with suppress(OSError):
            append_line(self._file, dump(finished))


def _renewed(record: RunRecord) -> RunRecord:
    """A copy whose trace is another one: scoring it anew must not take it from the run it belongs to."""
    traces = [replace(trace, trace_id=new_key(), assessments=[]) for trace in record.traces]
    return replace(record, traces=traces)
