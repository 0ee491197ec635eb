"""From a tracked job to an example: what the job read, frozen, and a row that a reviewer has still to decide about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from technoshare_commentator.domain import Evidence, Link, Outcome
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import Example
from technoshare_commentator.mlops.evaluation.reporting.formats import moment
from technoshare_commentator.pipeline.links import find_links
from technoshare_commentator.quality.example import NEEDS_REVIEW
from technoshare_commentator.retrieval.frozen_evidence import evidence_from_json
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from technoshare_commentator.mlops.mlflow_jobs import JobReader, TrackedJob
    from technoshare_commentator.mlops.redaction import Redactor

_LONGEST_ID = 60
_LONGEST_REASON = 800
_WORD = re.compile(r"[a-z0-9]+")
_FAILURE = re.compile(r"([A-Za-z]\w*): (.*)")


@dataclass(frozen=True)
class Candidate:
    """A job with what it read, the message it answered and the rules that it failed, each with its reason."""

    job: TrackedJob
    evidence: Evidence
    message: str
    failures: Mapping[str, str]

    @property
    def url(self) -> str:
        """The link as it was shared."""
        return self.evidence.url

    def row(self, example_id: str, expected: Outcome | None) -> dict[str, Any]:
        """Return the row of the dataset; what nobody has decided about is expected to succeed, and says so."""
        return {
            "id": example_id,
            "url": self.url,
            "slack_text": self.message,
            "evidence": evidence_file(example_id),
            "expected_theme": None,
            "expected_outcome": str(expected or Outcome.SUCCESS),
            "notes": self._notes(decided=expected is not None),
            "tags": list(self._tags(decided=expected is not None)),
        }

    def _notes(self, *, decided: bool) -> str:
        tags, when = self.job.tags, moment(self.job.started_at.isoformat())
        models = " and ".join(dict.fromkeys(tags[name] for name in ("stage_a_model", "stage_b_model") if name in tags))
        why = "; ".join(f"{rule} ({reason})" for rule, reason in self.failures.items())
        why = visible_line(why or tags.get("error_message", ""))
        why = why if len(why) <= _LONGEST_REASON else f"{why[:_LONGEST_REASON]}…"
        ended = f"ended as {self.job.outcome}{f': {why}' if why else ''}"
        decide = "" if decided else " To be decided: what should become of it, and what the example guards."
        return f"From production, run {self.job.run_id} of {when}{f' by {models}' if models else ''}, {ended}.{decide}"

    def _tags(self, *, decided: bool) -> Iterator[str]:
        wanted = ("production", self.evidence.adapter_name, *(() if decided else (NEEDS_REVIEW,)), *self.failures)
        yield from dict.fromkeys(tag for tag in wanted if _is_mark(tag))


def read_candidate(reader: JobReader, job: TrackedJob, redact: Redactor) -> Candidate:
    """Read back what the job left; raises `DatasetError` for one that cannot become an example, saying why."""
    content = reader.artifact(job, "retrieval", "evidence.json")
    if content is None:
        error = visible_line(job.tags.get("error_message", ""))
        raise DatasetError(f"it left no evidence{f': {error}' if error else ', so nothing was read'}")
    evidence = evidence_from_json(content, "its evidence.json")
    # Recording has redacted it with the secrets of that process; this one may know others.
    evidence = Evidence.model_validate_json(redact(evidence.model_dump_json().encode()))
    said = reader.artifact(job, "quality_gates", "gate_failures.txt") or ""
    failures = {found[1]: found[2] for line in redact.text(said).splitlines() if (found := _FAILURE.fullmatch(line))}
    return Candidate(job, evidence, _message(reader.inputs(job), evidence.url, redact), failures)


def example_id(url: str, title: str, is_free: Callable[[str], bool]) -> str:
    """Name an example after host and title, in words that are its test's id; numbered when that is taken."""
    host = Link(url=url).host.removeprefix("www.")
    name, _, top_level = host.rpartition(".")
    words = [*_words(host if top_level.isdigit() or not name else name)]
    words += _words(title) or _words(" ".join(url.split("/")[3:]))  # what follows the host
    stem = ""
    for word in words:
        if stem and len(stem) + 1 + len(word) > _LONGEST_ID:
            break
        stem = f"{stem}-{word}" if stem else word[:_LONGEST_ID]
    stem = stem or "page"
    number = 1
    while not is_free(chosen := stem if number == 1 else f"{stem}-{number}"):
        number += 1
    return chosen


def evidence_file(example_id: str) -> str:
    """Where an example's evidence lies, relative to the suite's folder."""
    return f"evidence/{example_id}.json"


def _message(inputs: Any, url: str, redact: Redactor) -> str:
    """The message, when this link is all that it asks about; else one that holds the link alone.

    The evaluation answers every link of a message, and an example has the evidence of one.
    """
    text = inputs.get("text", "") if isinstance(inputs, dict) else ""
    alone = url.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for message in (redact.text(str(text)), f"<{alone}>"):
        if find_links(message, 2) == (Link(url=url),):
            return message
    raise DatasetError(
        f"it read {url!r}, which no message can share as a link; put the page into evals/pages and write its row"
    )


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))


def _is_mark(tag: str) -> bool:
    try:
        Example(id="x", tags=(tag,))
    except ValidationError:
        return False
    return True
