"""The labels this project ships: that they can be trusted to judge a judge."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.prompts import load_project_context
from technoshare_commentator.quality.labels import Label, Labels, Pair, Split, load_labels, result_of
from technoshare_commentator.retrieval.frozen import evidence_from_file

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence

EVALS = Path(__file__).parents[3] / "evals"
FILES = {path.stem: load_labels(path) for path in sorted((EVALS / "labels").glob("*.json"))}
EVERY_FILE = pytest.mark.parametrize("labels", FILES.values(), ids=FILES)
FRESH = "faithfulness_fresh"  # pairs that only count, so all of them are `test`
_TUNED = {name: labels for name, labels in FILES.items() if name != FRESH}
TUNED_FILE = pytest.mark.parametrize("labels", _TUNED.values(), ids=_TUNED)
LEAST = {"faithfulness": 90, FRESH: 60, "relevance": 30, "hallucination": 30}
SECTIONS = {
    "faithfulness": {"tldr", "summary"},
    FRESH: {"tldr", "summary"},
    "relevance": {"projects"},
    "hallucination": {"similar_tech"},
}
_QUOTED = re.compile(r"“([^”]+)”")


@lru_cache(maxsize=64)
def page(name: str) -> Evidence:
    return evidence_from_file("https://page.example", EVALS / "pages" / name)


def folded(text: str) -> str:
    return re.sub(r"[^\w%.]+", " ", text).lower().strip(" .")


@TUNED_FILE
def test_there_are_enough_pairs_of_both_classes_in_both_splits(labels: Labels) -> None:
    assert len(labels.pairs) >= LEAST[labels.judges]
    for split in Split:
        shares = [pair.label is Label.BAD for pair in labels.of(split)]
        assert 0.4 <= len(shares) / len(labels.pairs) <= 0.6
        assert 0.4 <= sum(shares) / len(shares) <= 0.6


@TUNED_FILE
def test_every_kind_stands_in_both_splits_and_under_one_label(labels: Labels) -> None:
    assert _kinds(labels, Split.DEV) == _kinds(labels, Split.TEST)
    good, bad = ({kind for kind, label in _kinds(labels, None) if label is which} for which in Label)
    assert not good & bad


def test_fresh_pairs_only_count_and_are_balanced_over_pages_and_passages_of_their_own() -> None:
    fresh = FILES[FRESH]
    assert len(fresh.pairs) >= LEAST[FRESH]
    assert {pair.split for pair in fresh.pairs} == {Split.TEST}
    for on_page in (True, False):
        labels = [pair.label for pair in fresh.pairs if bool(pair.page) is on_page]
        assert labels.count(Label.GOOD) == labels.count(Label.BAD)
    known = FILES["faithfulness"]
    assert not {pair.item for pair in fresh.pairs} & {pair.item for pair in known.pairs}
    assert not {pair.snippets for pair in fresh.pairs if pair.snippets} & {pair.snippets for pair in known.pairs}


def test_fresh_pairs_have_every_kind_under_the_label_it_has_elsewhere() -> None:
    assert _kinds(FILES[FRESH], None) == _kinds(FILES["faithfulness"], None)


def _kinds(labels: Labels, split: Split | None) -> set[tuple[str, Label]]:
    return {(pair.kind, pair.label) for pair in labels.of(split)}


def test_no_source_is_in_both_splits() -> None:
    sources: dict[Split, set[str]] = {
        split: {pair.page or pair.snippets[0] for labels in FILES.values() for pair in labels.of(split)}
        for split in Split
    }
    assert not sources[Split.DEV] & sources[Split.TEST]


def test_pages_and_passages_are_both_judged() -> None:
    pages = sum(bool(pair.page) for pair in FILES["faithfulness"].pairs)
    assert 0.4 <= pages / len(FILES["faithfulness"].pairs) <= 0.6


@EVERY_FILE
def test_every_item_stands_in_its_section_over_evidence(labels: Labels) -> None:
    for pair in labels.pairs:
        assert pair.section in SECTIONS[labels.judges]
        result = result_of(pair, page)
        assert result.commentary
        assert result.facts
        assert result.commentary.model_dump()[pair.section] == (pair.item,)
        assert result.facts.facts


@EVERY_FILE
def test_what_a_reason_quotes_stands_in_the_source(labels: Labels) -> None:
    unfounded = [(pair.id, quote) for pair in labels.pairs for quote in _unfounded(pair)]
    assert not unfounded


def _unfounded(pair: Pair) -> list[str]:
    """Quotations of a reason that neither the source nor the themes have; an ellipsis separates parts."""
    evidence = result_of(pair, page).evidence
    assert evidence
    themes = load_project_context().model_dump_json() if pair.section == "projects" else ""
    known = folded(f"{evidence.text} {themes}")
    parts = [part for quote in _QUOTED.findall(pair.why) for part in quote.split("…")]
    return [part for part in parts if folded(part) not in known]


@EVERY_FILE
def test_a_verbatim_item_is_in_its_source_and_a_misquotation_is_not(labels: Labels) -> None:
    for pair in labels.pairs:
        evidence = result_of(pair, page).evidence
        assert evidence
        known = folded(evidence.text)
        if pair.kind == "verbatim":
            assert folded(pair.item) in known
        if pair.kind in {"quote", "misquote"}:
            quotes = [folded(quote) in known for quote in _QUOTED.findall(pair.item)]
            assert quotes == [pair.kind == "quote"]
