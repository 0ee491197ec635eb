from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import EVIDENCE, URL
from technoshare_commentator.cli.evals.candidates import Candidate, example_id, read_candidate
from technoshare_commentator.domain import Outcome
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.mlflow_jobs import TrackedJob
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.quality.example import CommentaryExample
from technoshare_commentator.retrieval.frozen_evidence import evidence_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from technoshare_commentator.domain import Evidence

MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SAID = "summary_sentence_count: 9 sentences; 10 to 15 are wanted\ntheme_known: there is no bullet: none"
TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@dataclass
class FakeReader:
    """Has what one job left."""

    evidence: str | None = evidence_to_json(EVIDENCE)
    failures: str | None = SAID
    given: Any = field(default_factory=lambda: {"url": URL, "text": f"look <{URL}|a post> :eyes:"})

    def artifact(self, job: TrackedJob, stage: str, path: str) -> str | None:
        del job
        return {
            ("retrieval", "evidence.json"): self.evidence,
            ("quality_gates", "gate_failures.txt"): self.failures,
        }[stage, path]

    def inputs(self, job: TrackedJob) -> Any:
        del job
        return self.given


def job(**tags: str) -> TrackedJob:
    return TrackedJob("ab" * 16, "job_1", MOMENT, {"outcome": "gate_failed", "stage_a_model": "m", **tags})


def read(reader: FakeReader, tags: Mapping[str, str] | None = None, secrets: tuple[str, ...] = ()) -> Candidate:
    return read_candidate(reader, job(**(tags or {})), Redactor(secrets))  # type: ignore[arg-type]  # hand-written


def at(url: str, **more: Any) -> str:
    changed: Evidence = EVIDENCE.model_copy(update={"url": url, **more})
    return evidence_to_json(changed)


def test_a_failed_job_becomes_a_row_that_waits_for_its_reviewer() -> None:
    row = read(FakeReader()).row("a-post", None)
    assert row.pop("notes") == (
        f"From production, run {'ab' * 16} of 2026-01-05 09:00 UTC by m, ended as gate_failed: summary_sentence_count "
        "(9 sentences; 10 to 15 are wanted); theme_known (there is no bullet: none). "
        "To be decided: what should become of it, and what the example guards."
    )
    assert row == {
        "id": "a-post",
        "url": URL,
        "slack_text": f"look <{URL}|a post> :eyes:",
        "evidence": "evidence/a-post.json",
        "expected_theme": None,
        "expected_outcome": "success",
        "tags": ["production", "webpage", "needs_review", "summary_sentence_count", "theme_known"],
    }
    assert CommentaryExample.model_validate(row).evidence == "evidence/a-post.json"


def test_what_is_decided_needs_no_review() -> None:
    row = read(FakeReader()).row("a-post", Outcome.GATE_FAILED)
    assert row["expected_outcome"] == "gate_failed"
    assert "needs_review" not in row["tags"]
    assert "To be decided" not in row["notes"]


def test_a_job_that_ended_as_an_error_says_which() -> None:
    tags = {"outcome": "error", "error_message": "the model\nrefused", "stage_b_model": "n"}
    row = read(FakeReader(failures=None), tags).row("a-post", None)
    assert "by m and n, ended as error: the model refused. To be decided" in row["notes"]
    assert row["tags"] == ["production", "webpage", "needs_review"]


def test_very_many_reasons_are_cut() -> None:
    row = read(FakeReader(failures=f"theme_known: {'long ' * 1000}")).row("a-post", None)
    assert len(row["notes"]) < 1100
    assert "…. To be decided" in row["notes"]


def test_what_cannot_be_a_mark_is_no_tag() -> None:
    evidence = at(URL, adapter_name="own-adapter")
    row = read(FakeReader(evidence=evidence, failures="skip: x\nclass: y\nnot a rule: z\ntheme_known: w")).row(
        "a", None
    )
    assert row["tags"] == ["production", "needs_review", "theme_known"]


def test_nothing_read_is_no_example_and_says_why() -> None:
    tags = {"error_message": "'https://a.example' answered 404"}
    with pytest.raises(DatasetError, match=r"left no evidence: 'https://a\.example' answered 404"):
        read(FakeReader(evidence=None), tags)
    with pytest.raises(DatasetError, match="left no evidence, so nothing was read"):
        read(FakeReader(evidence=None))


def test_evidence_of_another_version_says_what_is_wrong_with_it() -> None:
    with pytest.raises(DatasetError, match=r"its evidence\.json holds no evidence of this version: key 'url'"):
        read(FakeReader(evidence='{"title": "x"}'))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": URL}, URL),
        ({"text": f"see {URL}, it is good"}, f"see {URL}, it is good"),
        ({"text": f"<{URL}> and <https://b.example>"}, f"<{URL}>"),
        ({"text": "its link was edited away"}, f"<{URL}>"),
        ({"text": ["no", "text"]}, f"<{URL}>"),
        ({}, f"<{URL}>"),
        (None, f"<{URL}>"),
    ],
)
def test_the_message_is_kept_when_it_shares_this_link_alone(given: Any, message: str) -> None:
    assert read(FakeReader(given=given)).message == message


def test_a_link_is_written_as_slack_writes_it() -> None:
    url = "https://a.example/?a=1&b=<2>"
    assert read(FakeReader(evidence=at(url), given=None)).message == "<https://a.example/?a=1&amp;b=&lt;2&gt;>"


@pytest.mark.parametrize("url", ["page.html", "-", "https://a.example/x|y", "https://[redacted]@a.example/"])
def test_what_no_message_can_share_is_no_example(url: str) -> None:
    with pytest.raises(DatasetError, match="which no message can share as a link"):
        read(FakeReader(evidence=at(url)))


def test_secrets_of_this_process_are_blotted_out_although_recording_did_not_know_them() -> None:
    reader = FakeReader(
        evidence=at(URL, title="the hunter2-key", snippets=()),
        failures="theme_known: hunter2-key is no theme",
        given={"text": f"hunter2-key {URL}"},
    )
    candidate = read(reader, secrets=("hunter2-key",))
    assert candidate.evidence.title == "the [redacted]"
    assert "hunter2" not in str(candidate.row("a", None))


@pytest.mark.parametrize(
    ("url", "title", "expected"),
    [
        ("https://github.com/acme/rocket", "acme/rocket", "github-acme-rocket"),
        ("https://www.blog.example.org/x", "Straße & Ünïcode: 3× faster!", "blog-example-strasse-unicode-3-faster"),
        ("https://example.com/deep/page.html", "深い記事", "example-deep-page-html"),
        ("https://example.com/", "", "example"),
        ("http://127.0.0.1:8080/a", "A", "127-0-0-1-a"),
        ("http://localhost/a", "A", "localhost-a"),
        ("http://[::1]/", "", "1"),
        ("https://例え.テスト/", "", "page"),
        (
            "https://example.com",
            "one two three four five six seven eight nine ten eleven",
            "example-one-two-three-four-five-six-seven-eight-nine-ten",
        ),
        ("https://example.com", "w" * 100, "example"),
    ],
)
def test_an_example_is_named_after_host_and_title(url: str, title: str, expected: str) -> None:
    assert example_id(url, title, lambda _: True) == expected


def test_a_name_that_is_taken_is_numbered() -> None:
    taken = {"example-a-post", "example-a-post-2"}
    assert example_id("https://example.com", "A post", lambda name: name not in taken) == "example-a-post-3"


@given(host=TITLES, path=TITLES, title=TITLES, taken=st.integers(0, 3))
def test_whatever_strangers_call_their_pages_the_name_is_an_example_id(
    host: str, path: str, title: str, taken: int
) -> None:
    refused: list[str] = []

    def is_free(name: str) -> bool:
        refused.append(name)
        return len(refused) > taken

    row = {"id": example_id(f"https://{host}/{path}", title, is_free), "url": "u", "slack_text": "", "page": "p"}
    assert len(CommentaryExample.model_validate(row).id) <= 70
    assert len(set(refused)) == taken + 1
