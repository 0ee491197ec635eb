from __future__ import annotations

import pytest

from technoshare_commentator.domain import Coverage, Snippet
from technoshare_commentator.errors import SourceError
from technoshare_commentator.retrieval.extraction.coverage import ENOUGH_SENTENCES, full_sentences, judge
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind
from technoshare_commentator.retrieval.extraction.evidence import Origin, build_evidence

ORIGIN = Origin(url="https://a.example/x", final_url="https://b.example/y", adapter_name="webpage", title="Fallback")


def snippets(count: int) -> list[Snippet]:
    return [Snippet(id=f"s{n}", text=f"The engine of release {n} keeps its index in memory.") for n in range(count)]


def test_thirteen_distinct_sentences_and_no_gap_are_full() -> None:
    assert judge(snippets(ENOUGH_SENTENCES), []) == (Coverage.FULL, "")


@pytest.mark.parametrize(
    ("count", "gaps", "reason"),
    [
        (12, [], "only 12 full sentences of prose"),
        (1, [], "only 1 full sentence of prose"),
        (20, ["README missing"], "README missing"),
        (4, ["README missing"], "README missing; only 4 full sentences of prose"),
    ],
)
def test_less_is_partial_and_says_why(count: int, gaps: list[str], reason: str) -> None:
    assert judge(snippets(count), gaps) == (Coverage.PARTIAL, reason)


def test_nothing_is_failed() -> None:
    assert judge([], ["the paper's record is missing"]) == (
        Coverage.FAILED,
        "the paper's record is missing; no prose was found",
    )


def test_repeats_fragments_and_headlines_do_not_count() -> None:
    texts = [
        "The index is kept in memory.",
        "The index is kept in MEMORY.",
        "Fast and small",
        "Yes.",
        "Why it matters:",
    ]
    assert full_sentences([Snippet(id=f"s{n}", text=text) for n, text in enumerate(texts)]) == 1


def test_a_page_without_one_full_sentence_says_so() -> None:
    assert judge([Snippet(id="s1", text="a list of some words")], [])[1] == "not one full sentence of prose"


def test_a_giant_page_is_cut_and_its_size_is_told() -> None:
    blocks = tuple(Block(Kind.PROSE, f"The engine of release {n} keeps its index in memory.") for n in range(1000))
    evidence = build_evidence(Document("Giant", blocks), ORIGIN)
    assert len(evidence.snippets) == 400
    assert evidence.coverage is Coverage.PARTIAL
    assert evidence.coverage_reason == "the page is 10,000 words; the first 400 of 1,000 passages were read"


def test_evidence_carries_where_it_came_from() -> None:
    blocks = tuple(Block(Kind.PROSE, snippet.text) for snippet in snippets(13))
    evidence = build_evidence(Document("", blocks, {"author": "Ada", "site": "S"}), ORIGIN)
    assert evidence.title == "Fallback"
    assert (evidence.url, evidence.final_url) == ("https://a.example/x", "https://b.example/y")
    assert evidence.sources == ("https://b.example/y",)
    assert evidence.metadata == {"author": "Ada", "site": "S"}


def test_nothing_to_read_is_an_error_with_the_next_step() -> None:
    document = Document(
        "Empty", (Block(Kind.HEADING, "Only a heading", level=1),), gaps=("1 of 2 pages could not be read",)
    )
    with pytest.raises(SourceError, match=r"1 of 2 pages could not be read; no prose was found.*technoshare comment"):
        build_evidence(document, ORIGIN)
