"""What one process remembers of finished cases, and what it recalls of those of an earlier session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kept_types
from engine_room import SOON, engine, work
from technoshare_commentator.mlops.evaluation.running.journal import SessionFolder
from technoshare_commentator.mlops.evaluation.running.memory import FinishedCase, OutputJournal
from technoshare_commentator.mlops.records import AssessmentRecord
from technoshare_commentator.mlops.tracking import current_run

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun, Work


def answer(example: Example) -> kept_types.Fact:
    return kept_types.Fact(f"about {example.id}")


HALF = "\ud83d"  # of a smile


def odd_answer(example: Example) -> str:
    current = current_run()
    assert current is not None
    current.metric(nothing=float("nan"), much=float("inf"))
    current.tag(text=HALF if example.id == "half" else "whole")
    return example.id


def finished(folder: Path, *works: Work) -> dict[str, FinishedCase]:
    """What a session that has run these cases leaves behind."""
    folder.mkdir(exist_ok=True)
    with engine(memory=OutputJournal(SessionFolder(folder).output_file("gw0"))) as made:
        for one in works:
            made.start(one).result(SOON)
    return SessionFolder(folder).outputs()


def recalled(known: dict[str, FinishedCase], one: Work, *, only_recall: str = "") -> CaseRun | None:
    return OutputJournal(None, lambda: known, only_recall=only_recall).recall(one)


def test_a_finished_case_is_recalled_with_its_output_and_its_trace(tmp_path: Path) -> None:
    one = work(answer, "a", digest="d1")
    known = finished(tmp_path, one)
    done = recalled(known, one)
    assert done is not None
    assert done.result() == kept_types.Fact("about a")
    assert done.run is not None
    assert done.run.record == known["a"].run
    assert [span.name for span in done.run.record.traces[0].spans] == ["a"]


@pytest.mark.parametrize(("name", "text"), [("half", "?"), ("whole", "whole")])
def test_numbers_that_are_none_and_halves_of_characters_do_no_harm(tmp_path: Path, name: str, text: str) -> None:
    one = work(odd_answer, name)
    done = recalled(finished(tmp_path, one), one)
    assert done is not None
    assert done.run is not None
    metrics = done.run.record.metrics
    assert repr((metrics["nothing"], metrics["much"])) == "(nan, inf)"
    assert done.run.record.tags["text"] == text


def test_a_case_into_which_something_else_went_runs_again(tmp_path: Path) -> None:
    known = finished(tmp_path, work(answer, "a", digest="d1"))
    assert recalled(known, work(answer, "a", digest="d2")) is None
    assert recalled(known, work(answer, "b", digest="d1")) is None


def test_what_failed_and_what_cannot_be_written_down_runs_again(tmp_path: Path) -> None:
    def task(example: Example) -> Any:
        if example.id == "broken":
            raise RuntimeError("model is down")
        return object()

    works = [work(task, "broken"), work(task, "odd")]
    known = finished(tmp_path, *works)
    assert set(known) == {"odd"}
    assert known["odd"].output is None
    assert [recalled(known, one) for one in works] == [None, None]


def test_a_case_whose_type_has_changed_since_runs_again(tmp_path: Path) -> None:
    one = work(lambda example: kept_types.Changed(text=example.id), "a")
    known = finished(tmp_path, one)
    assert known["a"].output is not None
    older = known["a"].output.model_copy(update={"content": '{"words": "a"}'})
    assert recalled({"a": known["a"].model_copy(update={"output": older})}, one) is None
    gone = known["a"].output.model_copy(update={"type_name": "kept_types:Gone"})
    assert recalled({"a": known["a"].model_copy(update={"output": gone})}, one) is None


def test_a_case_that_is_scored_anew_has_a_trace_of_its_own_and_leaves_the_old_one_where_it_was(tmp_path: Path) -> None:
    one = work(answer, "a", digest="d1")
    known = finished(tmp_path / "old", one)
    old = known["a"].run.traces[0]
    old.assessments.append(AssessmentRecord("loud", value=True))
    (tmp_path / "new").mkdir()
    journal = OutputJournal(tmp_path / "new" / "outputs-main.jsonl", lambda: known, only_recall="there is none")
    done = journal.recall(one)
    assert done is not None
    assert done.run is not None
    new = done.run.record.traces[0]
    assert new.trace_id != old.trace_id
    assert (new.spans, new.assessments) == (old.spans, [])
    assert len(old.assessments) == 1
    again = SessionFolder(tmp_path / "new").outputs()  # for whoever scores that session anew in turn
    assert again["a"].run.traces[0].trace_id == new.trace_id
    assert again["a"].digest == "d1"


def test_where_scores_are_all_that_is_wanted_no_other_case_runs_and_the_reason_is_given(tmp_path: Path) -> None:
    known = finished(tmp_path, work(answer, "a", digest="d1"))
    for one in (work(answer, "b"), work(answer, "a", digest="changed")):
        done = recalled(known, one, only_recall="that session has no output of it")
        assert done is not None
        assert (done.run, done.not_run) == (None, "that session has no output of it")


@pytest.mark.parametrize("file", [None, "no/such/folder/outputs.jsonl"])
def test_without_a_disk_the_session_goes_on(tmp_path: Path, file: str | None) -> None:
    with engine(memory=OutputJournal(tmp_path / file if file else None)) as made:
        assert made.start(work(answer)).result(SOON).error is None
