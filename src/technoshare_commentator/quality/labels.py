"""Pairs that a person labelled: one item of a commentary, the source it was written from, and whether it is right.

`evals/labels/NAME.json` holds the pairs for the scorers that ask the question NAME; a scorer that agrees with them may
be trusted with items nobody has read. `result_of` turns a pair into what scorers read.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from technoshare_commentator.domain import (
    AnalystIdentity,
    Commentary,
    Coverage,
    Evidence,
    Fact,
    Facts,
    LinkResult,
    Outcome,
    SlackMessage,
    Snippet,
    Value,
)
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INLINE_URL = "https://labels.example.org"
_SHOWN_CHARACTERS = 200
_NOBODY = AnalystIdentity(stage_a_model="labelled", stage_b_model="labelled", prompt_stage_a="", prompt_stage_b="")


class Label(StrEnum):
    """What the person decided."""

    GOOD = "good"
    BAD = "bad"


class Split(StrEnum):
    """`dev` pairs may be read while a scorer or a judge's prompt is worked on, `test` pairs only count."""

    DEV = "dev"
    TEST = "test"


class Pair(Value):
    """An item of a commentary and its source, which is a page under `evals/pages/` or a few passages.

    `kind` says what is wrong with a bad item and what makes a good one hard, `why` is the labeller's reason.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    split: Split
    label: Label
    kind: str = Field(pattern=r"^[a-z][a-z_]*$")
    why: str = Field(min_length=1)
    page: str = ""
    snippets: tuple[str, ...] = ()
    section: Literal["tldr", "summary", "projects", "similar_tech"]
    item: str = Field(min_length=1)

    @field_validator("item", "why")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if text != text.strip() or "\n" in text:
            raise ValueError("it is one line without white space at its ends")
        return text

    @field_validator("snippets")
    @classmethod
    def _none_empty(cls, snippets: tuple[str, ...]) -> tuple[str, ...]:
        if not all(snippet.strip() for snippet in snippets):
            raise ValueError("a passage is empty; take it out")
        return snippets

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.page) == bool(self.snippets):
            raise ValueError("a pair has either page or snippets; give one of them")
        return self


class Labels(Value):
    """The pairs of one file; `judges` names the question they answer and is the file's name."""

    judges: str = Field(pattern=r"^[a-z][a-z_]*$")
    description: str
    pairs: tuple[Pair, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        seen: set[str] = set()
        for pair in self.pairs:
            if pair.id in seen:
                raise ValueError(f"id {pair.id!r} stands twice; every pair needs an id of its own")
            seen.add(pair.id)
        return self

    def of(self, split: Split | None) -> tuple[Pair, ...]:
        """The pairs of one split, or all."""
        return tuple(pair for pair in self.pairs if split in {None, pair.split})


def load_labels(path: Path) -> Labels:
    """Read a file of pairs; raises `DatasetError` naming the file, the pair, the key, the value and the fix."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(f"labels {str(path)!r} do not exist; label some pairs, or name another file") from None
    except OSError as error:
        raise DatasetError(f"labels {str(path)!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DatasetError(f"labels {str(path)!r} are not valid JSON: {error}") from error
    try:
        labels = Labels.model_validate(content)
    except ValidationError as error:
        raise DatasetError(_explain(path, content, error)) from error
    if labels.judges != path.stem:
        raise DatasetError(
            f"labels {str(path)!r}: key 'judges' is {labels.judges!r}; it must be the file's name, {path.stem!r}"
        )
    return labels


def result_of(pair: Pair, read_page: Callable[[str], Evidence]) -> LinkResult:
    """Return the result of a job whose commentary holds only the pair's item, for scorers to read.

    `read_page` turns the name of a page into evidence. Each snippet's sentences are its facts.
    """
    evidence = read_page(pair.page) if pair.page else _inline(pair)
    return LinkResult(
        job_id=pair.id,
        url=evidence.url,
        outcome=Outcome.SUCCESS,
        analyst=_NOBODY,
        evidence=evidence,
        facts=_facts(evidence),
        commentary=Commentary.model_validate({pair.section: (pair.item,)}),
        message=SlackMessage(channel_id="", thread_ts="", text=pair.item),
    )


def _inline(pair: Pair) -> Evidence:
    url = f"{INLINE_URL}/page"  # not the id: an address tells what a page is about, and ids name the mistake
    snippets = tuple(Snippet(id=f"s{n}", text=text) for n, text in enumerate(pair.snippets, 1))
    return Evidence(
        url=url,
        final_url=url,
        title="",
        adapter_name="labels",
        coverage=Coverage.FULL,
        snippets=snippets,
        sources=(url,),
    )


def _facts(evidence: Evidence) -> Facts:
    facts = (
        Fact(text=sentence, snippet_ids=(snippet.id,))
        for snippet in evidence.snippets
        for sentence in split_sentences(snippet.text)
    )
    return Facts(facts=tuple(facts), coverage=evidence.coverage)


def _explain(path: Path, content: Any, error: ValidationError) -> str:
    problem = error.errors()[0]
    where = [str(part) for part in problem["loc"]]
    row = ""
    if where[:1] == ["pairs"] and len(where) > 1 and where[1].isdigit():
        pair = content["pairs"][int(where[1])]
        name = pair.get("id") if isinstance(pair, dict) else None
        row, where = f"pair {repr(name) if name else '#' + where[1]}, ", where[2:]
    known = ", ".join(Pair.model_fields if row else Labels.model_fields)
    key = f"key {'.'.join(where)!r}: " if where else ""
    got = repr(problem["input"])
    got = got if len(got) <= _SHOWN_CHARACTERS else f"{got[:_SHOWN_CHARACTERS]}…"
    return f"labels {str(path)!r}: {row}{key}{problem['msg']} (got {got}); known keys: {known}"
